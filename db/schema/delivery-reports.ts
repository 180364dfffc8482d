import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { messages } from './messages.ts';

/** Providers' reports about accepted messages. They may arrive in any order. */
export const deliveryReports = pgTable(
  'delivery_reports',
  {
    id: uuid('id').primaryKey(),
    messageId: uuid('message_id')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: ['delivered', 'delayed', 'bounced', 'complained', 'failed'] }).notNull(),
    /** When the event happened, by the provider's clock; limited to the time between the message's creation and now. */
    at: timestamptz('at').notNull(),
    receivedAt: timestamptz('received_at').notNull().defaultNow(),
    /** Shown to administrators. Contains no email address and no phone number. */
    reason: text('reason'),
    /** The provider's id of the report, so that it is recorded only once. */
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

/** Webhook calls of the last day. A replayed call is recognised by its id and signing time. */
export const webhookReceipts = pgTable('webhook_receipts', {
  id: text('id').primaryKey(),
  /** The latest signing time of the received calls, by the provider's clock. A provider signs each retry again. */
  signedAt: timestamptz('signed_at').notNull(),
  receivedAt: timestamptz('received_at').notNull().defaultNow(),
});
