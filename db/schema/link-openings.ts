import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { reveals } from './reveals.ts';

/** When a reveal's link was opened; the first 20 times (`reveals.openings` counts them). */
export const linkOpenings = pgTable(
  'link_openings',
  {
    id: uuid('id').primaryKey(),
    revealId: uuid('reveal_id')
      .notNull()
      .references(() => reveals.id, { onDelete: 'cascade' }),
    at: instant('at').notNull().defaultNow(),
    /** When a pointer or a key first moved on that page: mail scanners open links, and touch nothing. */
    touchedAt: instant('touched_at'),
  },
  (table) => [index('link_openings_reveal').on(table.revealId)],
);
