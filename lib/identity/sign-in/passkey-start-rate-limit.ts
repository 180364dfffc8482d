import type pg from 'pg';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const TEN_MINUTES = 10 * 60;

/** Many people may share an address, and nobody is known yet. */
const ALONE = { name: 'sign-in-passkey', points: 100, seconds: TEN_MINUTES };
/** The password was right: a neighbour who has used up the address is not to be in the way. */
const SECOND = { name: 'second-step-passkey', points: 20, seconds: TEN_MINUTES };
const PROOF = { name: 'proof-passkey', points: 20, seconds: TEN_MINUTES };

type Asker = { address: string } | { pendingId: string } | { userId: string };

/** Whose tries they are: the address's, the pending sign-in's, or those of the person who is signed in. */
function countedAs(asker: Asker) {
  if ('pendingId' in asker) return { limit: SECOND, key: asker.pendingId };
  if ('userId' in asker) return { limit: PROOF, key: asker.userId };
  return { limit: ALONE, key: addressBlock(asker.address) };
}

/**
 * Takes a turn of asking for something that a passkey signs: each is a row for five minutes.
 * @throws when the database cannot be asked
 */
export async function consumePasskeyStart(
  pool: pg.Pool,
  asker: Asker,
): Promise<{ ok: true } | { ok: false; reason: 'throttled'; retryAfterSeconds: number }> {
  const { limit, key } = countedAs(asker);
  const turn = await createRateLimiter(pool, limit).take(key);
  return turn.ok ? turn : { ...turn, reason: 'throttled' };
}
