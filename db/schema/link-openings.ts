import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { reveals } from './reveals.ts';

/** The first 20 times that a reveal's link was opened. `reveals.openings` counts them. */
export const linkOpenings = pgTable(
  'link_openings',
  {
    id: uuid('id').primaryKey(),
    revealId: uuid('reveal_id')
      .notNull()
      .references(() => reveals.id, { onDelete: 'cascade' }),
    at: timestamptz('at').notNull().defaultNow(),
    /** Time of the first pointer or keyboard input on the page, which distinguishes people from mail scanners. */
    interactedAt: timestamptz('touched_at'),
  },
  (table) => [index('link_openings_reveal').on(table.revealId)],
);
