import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * Attempts per key of a rate limit. `key`: the name of the limit, and a MAC of what it counts by, like an IP address.
 * `points`: the attempts in the current window, at most one more than allowed. `expire`: the end of the window, in
 * milliseconds since the Unix epoch.
 */
export const rateLimits = pgTable('rate_limits', {
  key: text('key').primaryKey(),
  points: integer('points').notNull().default(0),
  expire: bigint('expire', { mode: 'number' }),
});
