import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { messages } from './messages.ts';

/** What a provider has told of a message after accepting it, in whatever order it arrived. */
export const deliveryReports = pgTable(
  'delivery_reports',
  {
    id: uuid('id').primaryKey(),
    messageId: uuid('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: ['delivered', 'delayed', 'bounced', 'complained', 'failed'] }).notNull(),
    /** By the provider's clock, but never before the message was made nor in the future. */
    at: instant('at').notNull(),
    receivedAt: instant('received_at').notNull().defaultNow(),
    /** In words for an administrator; no address, no phone number. */
    reason: text('reason'),
    /** The provider's own id of what it told: the same report twice is one. */
    sourceId: text('source_id').notNull().unique(),
  },
  (table) => [
    index('delivery_reports_message').on(table.messageId),
    check(
      'delivery_reports_kind',
      sql`${table.kind} in ('delivered', 'delayed', 'bounced', 'complained', 'failed')`,
    ),
  ],
);

/** The webhook calls of the last day: one that is played back is known by its id and the time it was signed at. */
export const webhookReceipts = pgTable('webhook_receipts', {
  id: text('id').primaryKey(),
  /** The newest that was seen of it: a provider signs anew when it sends again. */
  signedAt: instant('signed_at').notNull(),
  receivedAt: instant('received_at').notNull().defaultNow(),
});
