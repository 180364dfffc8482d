import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { reveals } from './reveals.ts';

/** Openings of a reveal's link, at most 20 (`reveals.openings` counts them). */
export const linkOpenings = pgTable(
  'link_openings',
  {
    id: uuid('id').primaryKey(),
    revealId: uuid('reveal_id')
      .notNull()
      .references(() => reveals.id, { onDelete: 'cascade' }),
    at: timestamptz('at').notNull().defaultNow(),
    /** First pointer or keyboard input on the page, which distinguishes people from mail scanners. */
    touchedAt: timestamptz('touched_at'),
  },
  (table) => [index('link_openings_reveal').on(table.revealId)],
);
