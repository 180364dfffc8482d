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
    /** By the provider's clock, limited to between the creation of the message and now. */
    at: timestamptz('at').notNull(),
    receivedAt: timestamptz('received_at').notNull().defaultNow(),
    /** Shown to administrators. Contains no address and no phone number. */
    reason: text('reason'),
    /** The provider's id of the report, to record it only once. */
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

/** Webhooks of the last day. A replay is recognised by its id and signing time. */
export const webhookReceipts = pgTable('webhook_receipts', {
  id: text('id').primaryKey(),
  /** The latest signing time received. A provider signs each retry again. */
  signedAt: timestamptz('signed_at').notNull(),
  receivedAt: timestamptz('received_at').notNull().defaultNow(),
});
