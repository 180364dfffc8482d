import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

/** Attempts per key in its current window. `expire`: end of the window, in milliseconds since the epoch. */
export const rateLimits = pgTable('rate_limits', {
  key: text('key').primaryKey(),
  points: integer('points').notNull().default(0),
  expire: bigint('expire', { mode: 'number' }),
});
