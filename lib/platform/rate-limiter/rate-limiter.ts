import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { settings } from '#lib/platform/config/settings.ts';
import { deriveKey } from '#lib/platform/signed-tokens/derive-key.ts';
import { findRefusal, forgetRefusal, rememberRefusal } from './remembered-refusals.ts';

export type RateLimit = {
  /** Identifies the limit: each name has separate counters. Letters and hyphens. */
  name: string;
  /** The number of attempts that each key has per window. */
  points: number;
  /** The length of a window, which starts with its first attempt. */
  seconds: number;
};

/** A key's window after an attempt, as the `RateLimit` fields of a response describe it. */
export type RateLimitStatus = {
  limit: number;
  windowSeconds: number;
  /** Attempts that are left in the window. */
  remaining: number;
  /** Seconds until the window ends. */
  resetSeconds: number;
};

export type RateLimiter = {
  /**
   * Consumes one attempt of a key. Call it before the work that it protects.
   * @throws if the database cannot be queried; the caller must then refuse
   */
  consume(key: string): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }>;
  /** The same, and returns what is left of the window. */
  consumeWithStatus(key: string): Promise<{ ok: boolean } & RateLimitStatus>;
  /** Refunds an attempt that `consume` granted. */
  refund(key: string): Promise<void>;
  /** Returns whether the key has a current window. */
  has(key: string): Promise<boolean>;
  /** Starts a new window of the key with one attempt, even if the current one has not ended. */
  restart(key: string): Promise<void>;
};

/** Milliseconds since the Unix epoch, by the database's clock. */
const NOW_MS = '(extract(epoch from now()) * 1000)::bigint';

/**
 * Counts an attempt in a single statement, so that concurrent attempts are counted one after the other.
 * Stops counting at one above the limit, so that the counter cannot overflow.
 */
const CONSUME = `
  insert into rate_limits as existing (key, points, expire) values ($1, 1, ${NOW_MS} + $3::bigint)
  on conflict (key) do update set
    points = case when existing.expire <= ${NOW_MS} then 1 else least(existing.points, $2::int) + 1 end,
    expire = case when existing.expire <= ${NOW_MS} then excluded.expire else existing.expire end
  returning points, points <= $2::int as granted, ceil((expire - ${NOW_MS}) / 1000.0)::int as seconds_left`;
const REFUND = `
  update rate_limits set points = points - 1 where key = $1 and points > 0`;
const RESTART = `
  insert into rate_limits (key, points, expire) values ($1, 1, ${NOW_MS} + $2::bigint)
  on conflict (key) do update set points = excluded.points, expire = excluded.expire`;
const HAS_WINDOW = `select 1 from rate_limits where key = $1 and expire > ${NOW_MS}`;
const DELETE_EXPIRED = `delete from rate_limits where expire < ${NOW_MS}`;

const CLEANUP_INTERVAL_MS = 5 * 60 * 1000;
let lastCleanupAt = performance.now();

/** Deletes expired windows every few minutes, because clients can cause any number of keys. */
async function deleteExpiredWindows(pool: pg.Pool): Promise<void> {
  if (performance.now() - lastCleanupAt < CLEANUP_INTERVAL_MS) return;
  lastCleanupAt = performance.now();
  await pool.query(DELETE_EXPIRED);
}

/** Replaces the key by a MAC: users type passwords into the wrong field, and an IP address is personal data. */
function deriveStorageKey(name: string, key: string): string {
  const secret = deriveKey(settings().authSecret, 'stagedoor throttle v1');
  return `${name}:${createHmac('sha256', secret).update(key).digest('base64url')}`;
}

/**
 * Creates a rate limiter that all web processes share through the database, by the database's clock. Each process
 * remembers refusals, so that a client that is refused again and again costs a query a minute at most.
 * The limiter is stateless, so it can be created for each request.
 */
export function createRateLimiter(pool: pg.Pool, { name, points, seconds }: RateLimit): RateLimiter {
  async function consumeWithStatus(key: string) {
    const storageKey = deriveStorageKey(name, key);
    const window = { limit: points, windowSeconds: seconds };
    const secondsLeft = findRefusal(pool, storageKey);
    if (secondsLeft !== null) return { ok: false, ...window, remaining: 0, resetSeconds: secondsLeft };
    await deleteExpiredWindows(pool);
    const { rows } = await pool.query<{ points: number; granted: boolean; seconds_left: number }>(CONSUME, [
      storageKey,
      points,
      seconds * 1000,
    ]);
    const [row] = rows;
    const ok = row?.granted === true;
    const resetSeconds = Math.max(1, row?.seconds_left ?? seconds);
    if (!ok) rememberRefusal(pool, storageKey, resetSeconds);
    return { ok, ...window, remaining: Math.max(0, points - (row?.points ?? points)), resetSeconds };
  }
  return {
    consumeWithStatus,
    async consume(key) {
      const { ok, resetSeconds } = await consumeWithStatus(key);
      return ok ? { ok } : { ok, retryAfterSeconds: resetSeconds };
    },
    async refund(key) {
      const storageKey = deriveStorageKey(name, key);
      await pool.query(REFUND, [storageKey]);
      forgetRefusal(pool, storageKey);
    },
    async has(key) {
      const { rowCount } = await pool.query(HAS_WINDOW, [deriveStorageKey(name, key)]);
      return rowCount === 1;
    },
    async restart(key) {
      await deleteExpiredWindows(pool);
      const storageKey = deriveStorageKey(name, key);
      await pool.query(RESTART, [storageKey, seconds * 1000]);
      forgetRefusal(pool, storageKey);
    },
  };
}
