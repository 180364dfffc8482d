import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { contactChanges } from './contact-changes.ts';
import { reveals } from './reveals.ts';
import { userLinks } from './user-links.ts';
import { users } from './users.ts';

/** One row for each email or text: what it is about, and what became of it. Its words are derived when it is sent. */
export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', {
      enum: ['reveal_link', 'code', 'change_notice', 'objection', 'user_link', 'security_notice'],
    }).notNull(),
    channel: text('channel', { enum: ['email', 'sms'] }).notNull(),
    /** The reveal whose link or code this is; null for any other kind. */
    revealId: uuid('reveal_id').references(() => reveals.id, { onDelete: 'cascade' }),
    /** The change of address that a notice or an objection is about; null for any other kind. */
    changeId: uuid('change_id').references(() => contactChanges.id, { onDelete: 'cascade' }),
    /** The user whom an objection or a security notice is told; null for any other kind. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** The invitation or the password reset that this is; null for any other kind. */
    linkId: uuid('link_id').references(() => userLinks.id, { onDelete: 'cascade' }),
    /** What a security notice says has happened; null for any other kind. */
    notice: text('notice'),
    /**
     * Where a security notice goes: the person's address when it was queued, or the one before a change of it. Null for
     * any other kind, and in rows from before it was always written down: those go to the present address.
     */
    noticeTo: text('notice_to'),
    /** Which code a text carries; null for an email. */
    codeGeneration: integer('code_generation'),
    /** `refused`: by our own rules, before any provider was asked. */
    state: text('state', { enum: ['queued', 'sent', 'failed', 'dropped', 'refused'] })
      .notNull()
      .default('queued'),
    attempts: integer('attempts').notNull().default(0),
    /** Attempts of which nobody knows whether the provider took the message: it did not answer. */
    unanswered: integer('unanswered').notNull().default(0),
    /** Until then an attempt counts as under way, and no other begins. */
    attemptUntil: instant('attempt_until'),
    /** When it is tried again, where the last attempt failed. */
    nextAttemptAt: instant('next_attempt_at'),
    /** Who was handed it, once accepted, and the id it has there. */
    provider: text('provider', { enum: ['resend', 'smtp', 'sns', 'twilio', 'outbox'] }),
    providerId: text('provider_id'),
    /** Why the last attempt failed, or why it was refused, in words for an administrator. */
    failure: text('failure'),
    createdAt: instant('created_at').notNull().defaultNow(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('messages_reveal').on(table.revealId),
    index('messages_change').on(table.changeId),
    index('messages_link').on(table.linkId),
    index('messages_provider_id').on(table.providerId),
    check(
      'messages_kind',
      sql`(${table.revealId} is not null) = (${table.kind} in ('reveal_link', 'code'))
        and (${table.changeId} is not null) = (${table.kind} in ('change_notice', 'objection'))
        and (${table.userId} is not null) = (${table.kind} in ('objection', 'security_notice'))
        and (${table.linkId} is not null) = (${table.kind} = 'user_link')
        and (${table.notice} is not null) = (${table.kind} = 'security_notice')
        and (${table.noticeTo} is null or ${table.kind} = 'security_notice')
        and ${table.kind} in ('reveal_link', 'code', 'change_notice', 'objection', 'user_link', 'security_notice')`,
    ),
    check(
      'messages_channel',
      sql`${table.channel} = case when ${table.kind} = 'code' then 'sms' else 'email' end`,
    ),
    check('messages_state', sql`${table.state} in ('queued', 'sent', 'failed', 'dropped', 'refused')`),
  ],
);
