import { claimedSessionId, clientAddress, clientBrowser } from './session.ts';
import type { Arrival } from './start-session.ts';

/** From where this request's sender signs in. */
export async function arrival(): Promise<Arrival> {
  return {
    address: await clientAddress(),
    userAgent: await clientBrowser(),
    formerSessionId: await claimedSessionId(),
  };
}
