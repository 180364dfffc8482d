import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { reveals } from './reveals.ts';

/** One row for each email or text of a reveal: what became of it. Its words are derived when it is sent. */
export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey(),
    revealId: uuid('reveal_id')
      .notNull()
      .references(() => reveals.id, { onDelete: 'cascade' }),
    channel: text('channel', { enum: ['email', 'sms'] }).notNull(),
    /** Which code a text carries; null for an email. */
    codeGeneration: integer('code_generation'),
    state: text('state', { enum: ['queued', 'sent', 'failed', 'dropped'] })
      .notNull()
      .default('queued'),
    attempts: integer('attempts').notNull().default(0),
    /** The provider's id for it, once accepted. */
    providerId: text('provider_id'),
    /** Why the last attempt failed, in words for an administrator. */
    failure: text('failure'),
    createdAt: instant('created_at').notNull().defaultNow(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('messages_reveal').on(table.revealId),
    check('messages_channel', sql`${table.channel} in ('email', 'sms')`),
    check('messages_state', sql`${table.state} in ('queued', 'sent', 'failed', 'dropped')`),
  ],
);
