import { clientAddress } from '#lib/auth/session.ts';
import { addressBlock } from '#lib/client-addresses/address-block.ts';
import { databasePool } from '#lib/database.ts';
import { createThrottle } from '#lib/throttles/throttle.ts';

/** Each is a row for five minutes, and one try with a passkey. Many people may share an address. */
const LIMIT = { name: 'sign-in-passkey', points: 100, seconds: 10 * 60 };

/** Takes a turn for this client's address, where one is left. */
export async function takeTurn() {
  const turn = await createThrottle(databasePool(), LIMIT).take(addressBlock(await clientAddress()));
  return turn.ok ? turn : ({ ...turn, reason: 'throttled' } as const);
}
