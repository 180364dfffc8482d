import { createHmac, hkdfSync } from 'node:crypto';
import type pg from 'pg';
import { settings } from '#lib/platform/config/settings.ts';

export type RateLimit = {
  /** Of the throttle; each has its own counts. Letters and hyphens. */
  name: string;
  /** How many tries a key has in each window. */
  points: number;
  /** How long a window lasts, from its first try. */
  seconds: number;
};

export type RateLimiter = {
  /**
   * Spends one try of this key, before whatever it is spent on.
   * @throws when the database cannot be asked: let nothing through then
   */
  take(key: string): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }>;
  /** Gives back a try that `take` granted. */
  giveBack(key: string): Promise<void>;
  /** Whether a try of this key was taken within its present window. */
  isKnown(key: string): Promise<boolean>;
};

const NOW_MS = '(extract(epoch from now()) * 1000)::bigint';

/** One statement, so that tries sent at once are counted one after the other. Counts no further than one too many. */
const TAKE = `
  insert into throttles as present (key, points, expire) values ($1, 1, ${NOW_MS} + $3::bigint)
  on conflict (key) do update set
    points = case when present.expire <= ${NOW_MS} then 1 else least(present.points, $2::int) + 1 end,
    expire = case when present.expire <= ${NOW_MS} then excluded.expire else present.expire end
  returning points <= $2::int as granted, ceil((expire - ${NOW_MS}) / 1000.0)::int as seconds`;
const GIVE_BACK = `
  update throttles set points = points - 1 where key = $1 and points > 0`;
const IS_KNOWN = `select 1 from throttles where key = $1 and expire > ${NOW_MS}`;
const SWEEP = `delete from throttles where expire < ${NOW_MS}`;

const SWEEP_EVERY_MS = 5 * 60 * 1000;
let sweptAt = performance.now();

/** Now and then, what is over is thrown away: anyone can make up keys. */
async function sweep(pool: pg.Pool): Promise<void> {
  if (performance.now() - sweptAt < SWEEP_EVERY_MS) return;
  sweptAt = performance.now();
  await pool.query(SWEEP);
}

/** Keys are kept as a MAC: people type passwords into the wrong field, and an address is personal data. */
function digestOf(name: string, key: string): string {
  const secret = hkdfSync('sha256', settings().authSecret, '', 'stagedoor throttle v1', 32);
  const digest = createHmac('sha256', Buffer.from(secret)).update(key).digest('base64url');
  return `${name}:${digest}`;
}

/**
 * A throttle on the table `throttles`, which all web processes share: so many tries for each key in a window of
 * time, by the database's clock. It holds nothing itself, so it may be made for each request.
 */
export function createRateLimiter(pool: pg.Pool, { name, points, seconds }: RateLimit): RateLimiter {
  return {
    async take(key) {
      await sweep(pool);
      const { rows } = await pool.query<{ granted: boolean; seconds: number }>(TAKE, [
        digestOf(name, key),
        points,
        seconds * 1000,
      ]);
      const [row] = rows;
      if (row?.granted) return { ok: true };
      return { ok: false, retryAfterSeconds: Math.max(1, row?.seconds ?? seconds) };
    },
    async giveBack(key) {
      await pool.query(GIVE_BACK, [digestOf(name, key)]);
    },
    async isKnown(key) {
      const { rowCount } = await pool.query(IS_KNOWN, [digestOf(name, key)]);
      return rowCount === 1;
    },
  };
}
