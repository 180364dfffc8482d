import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

/** How many tries a key has spent in its present window; `expire`: the window's end, in milliseconds since 1970. */
export const rateLimits = pgTable('throttles', {
  key: text('key').primaryKey(),
  points: integer('points').notNull().default(0),
  expire: bigint('expire', { mode: 'number' }),
});
