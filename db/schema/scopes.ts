import { sql } from 'drizzle-orm';
import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';

/** The organisation's scopes. A name is never changed or used again, because gateways and back ends refer to it. */
export const scopes = pgTable(
  'scopes',
  {
    name: text('name').primaryKey(),
    description: text('description').notNull(),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    createdBy: uuid('created_by').notNull(),
    /** When it was removed from all accounts. Null: accounts can have it. */
    retiredAt: timestamptz('retired_at'),
    retiredBy: uuid('retired_by'),
  },
  (table) => [check('scopes_name', sql`${table.name} ~ '^[a-z0-9]+([:._-][a-z0-9]+)*$'`)],
);
