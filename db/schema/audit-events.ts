import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** Who did what to which account, written in the transaction of the act. */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    at: instant('at').notNull().defaultNow(),
    act: text('act').notNull(),
    /** Null: the integrator, or the system itself. */
    userId: uuid('user_id'),
    accountId: uuid('account_id'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [index('audit_events_account').on(table.accountId, table.at)],
);
