import type pg from 'pg';

/** `askAgainAt`: after that, the database is asked again. Both are times of `performance.now()`. */
type RememberedRefusal = { windowEndsAt: number; askAgainAt: number };

/** Another process may have refunded an attempt meanwhile, so ask the database again after this time. */
const MAX_AGE_MS = 60_000;
/** Clients can cause any number of keys. */
const MAX_ENTRIES = 10_000;

// Next.js loads this file once per bundle, and a refund in one bundle must be seen in the others.
const processGlobals = globalThis as typeof globalThis & {
  stagedoorRefusals?: WeakMap<pg.Pool, Map<string, RememberedRefusal>>;
};

function getRefusals(pool: pg.Pool): Map<string, RememberedRefusal> {
  processGlobals.stagedoorRefusals ??= new WeakMap();
  const existing = processGlobals.stagedoorRefusals.get(pool);
  if (existing) return existing;
  const created = new Map<string, RememberedRefusal>();
  processGlobals.stagedoorRefusals.set(pool, created);
  return created;
}

/** Remembers that the database refused an attempt, so that further attempts of the key cost no query. */
export function rememberRefusal(pool: pg.Pool, key: string, retryAfterSeconds: number): void {
  const refusals = getRefusals(pool);
  const now = performance.now();
  const windowEndsAt = now + retryAfterSeconds * 1000;
  refusals.delete(key);
  refusals.set(key, { windowEndsAt, askAgainAt: Math.min(windowEndsAt, now + MAX_AGE_MS) });
  const [oldest] = refusals.keys();
  if (refusals.size > MAX_ENTRIES && oldest !== undefined) refusals.delete(oldest);
}

/** Returns the seconds until the window of a remembered refusal ends; null if the database has to be asked. */
export function findRefusal(pool: pg.Pool, key: string): number | null {
  const refusals = getRefusals(pool);
  const refusal = refusals.get(key);
  const now = performance.now();
  if (refusal && now < refusal.askAgainAt) return Math.ceil((refusal.windowEndsAt - now) / 1000);
  refusals.delete(key);
  return null;
}

/** Forgets a remembered refusal, because an attempt of the key was refunded, or its window was restarted. */
export function forgetRefusal(pool: pg.Pool, key: string): void {
  getRefusals(pool).delete(key);
}
