import type pg from 'pg';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const TEN_MINUTES = 10 * 60;

/** Per IP address, which many users may share: the user is not known yet. */
const PASSKEY_ALONE = { name: 'sign-in-passkey', points: 100, seconds: TEN_MINUTES };
/** Per pending sign-in, so that another user of the same IP address cannot use it up. */
const SECOND_STEP = { name: 'second-step-passkey', points: 20, seconds: TEN_MINUTES };
const REAUTHENTICATION = { name: 'proof-passkey', points: 20, seconds: TEN_MINUTES };

type Requester = { address: string } | { pendingId: string } | { userId: string };

function limitFor(requester: Requester) {
  if ('pendingId' in requester) return { limit: SECOND_STEP, key: requester.pendingId };
  if ('userId' in requester) return { limit: REAUTHENTICATION, key: requester.userId };
  return { limit: PASSKEY_ALONE, key: addressBlock(requester.address) };
}

/**
 * Consumes one request for a passkey challenge, which is a row for five minutes.
 * @throws if the database cannot be queried
 */
export async function consumePasskeyStart(
  pool: pg.Pool,
  requester: Requester,
): Promise<{ ok: true } | { ok: false; reason: 'throttled'; retryAfterSeconds: number }> {
  const { limit, key } = limitFor(requester);
  const result = await createRateLimiter(pool, limit).consume(key);
  return result.ok ? result : { ...result, reason: 'throttled' };
}
