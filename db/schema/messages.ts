import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamptz } from './columns.ts';
import { contactChanges } from './contact-changes.ts';
import { expiryReminders, overviews } from './expiry.ts';
import { leaks } from './leaks.ts';
import { reveals } from './reveals.ts';
import { userLinks } from './user-links.ts';
import { users } from './users.ts';
import { webhookEndpoints } from './webhooks.ts';

/** Emails and SMS, and the state of their delivery. Their text is not stored, but rendered when they are sent. */
export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey(),
    /**
     * `change_notice`: to the previous email address of an account. `change_report`: to each administrator, if the
     * recipient of a notice reports the change. `user_link`: an invitation or a password reset. `expiry_reminder`: to the
     * integrator. `leak_notice`: to the integrator. `expiry_overview`, `unused_overview`, `token_overview`, `leak_report`,
     * `webhook_disabled`: to each administrator.
     */
    kind: text('kind', {
      enum: [
        'reveal_link',
        'code',
        'change_notice',
        'change_report',
        'user_link',
        'security_notice',
        'expiry_reminder',
        'expiry_overview',
        'unused_overview',
        'token_overview',
        'webhook_disabled',
        'leak_notice',
        'leak_report',
      ],
    }).notNull(),
    channel: text('channel', { enum: ['email', 'sms'] }).notNull(),
    /** The reveal whose link or code the message contains; null for other kinds. */
    revealId: uuid('reveal_id').references(() => reveals.id, { onDelete: 'cascade' }),
    /** The contact change that a notice or a report is about; null for other kinds. */
    changeId: uuid('change_id').references(() => contactChanges.id, { onDelete: 'cascade' }),
    /** The recipient of a message to an administrator, or of a security notice; null for other kinds. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** The link of an invitation or a password reset; null for other kinds. */
    linkId: uuid('link_id').references(() => userLinks.id, { onDelete: 'cascade' }),
    /** The expiry that an integrator is reminded of; null for other kinds. */
    reminderId: uuid('reminder_id').references(() => expiryReminders.id, { onDelete: 'cascade' }),
    /** The overview that an administrator gets; null for other kinds. */
    overviewId: uuid('overview_id').references(() => overviews.id, { onDelete: 'cascade' }),
    /** The webhook endpoint that was disabled; null for other kinds. */
    webhookEndpointId: uuid('webhook_endpoint_id').references(() => webhookEndpoints.id, {
      onDelete: 'cascade',
    }),
    /** The leak that a notice or a report is about; null for other kinds. */
    leakId: uuid('leak_id').references(() => leaks.id, { onDelete: 'cascade' }),
    /** The event that a security notice reports; null for other kinds. */
    notice: text('notice'),
    /**
     * Email address of a security notice: the user's when it was queued, or the previous one after a change. Null for
     * other kinds, and in rows of earlier versions, whose notices go to the user's current address.
     */
    noticeTo: text('notice_to'),
    /** Generation of the code in an SMS; null for an email. */
    codeGeneration: integer('code_generation'),
    /** `failed`: abandoned. `dropped`: no longer needed. `refused`: blocked by the SMS policy. */
    state: text('state', { enum: ['queued', 'sent', 'failed', 'dropped', 'refused'] })
      .notNull()
      .default('queued'),
    attempts: integer('attempts').notNull().default(0),
    /** Number of attempts to which the provider did not respond, so that it may have accepted the message. */
    unanswered: integer('unanswered').notNull().default(0),
    /** End of the current attempt's lease. No other attempt begins before. */
    attemptUntil: timestamptz('attempt_until'),
    /** Time of the next attempt, if the last one failed. */
    nextAttemptAt: timestamptz('next_attempt_at'),
    /** The provider that accepted the message, and its id there. */
    provider: text('provider', { enum: ['resend', 'smtp', 'sns', 'twilio', 'outbox'] }),
    providerId: text('provider_id'),
    /** Why the last attempt failed or the SMS was blocked. Shown to administrators. */
    failure: text('failure'),
    createdAt: timestamptz('created_at').notNull().defaultNow(),
    endedAt: timestamptz('ended_at'),
  },
  (table) => [
    index('messages_reveal').on(table.revealId),
    index('messages_change').on(table.changeId),
    index('messages_link').on(table.linkId),
    index('messages_reminder').on(table.reminderId),
    index('messages_webhook_endpoint').on(table.webhookEndpointId),
    index('messages_leak').on(table.leakId).where(sql`${table.leakId} is not null`),
    index('messages_provider_id').on(table.providerId),
    check(
      'messages_kind',
      sql`(${table.revealId} is not null) = (${table.kind} in ('reveal_link', 'code'))
        and (${table.changeId} is not null) = (${table.kind} in ('change_notice', 'change_report'))
        and (${table.userId} is not null) = (${table.kind} in ('change_report', 'security_notice', 'expiry_overview', 'unused_overview', 'token_overview', 'leak_report', 'webhook_disabled'))
        and (${table.leakId} is not null) = (${table.kind} in ('leak_notice', 'leak_report'))
        and (${table.webhookEndpointId} is not null) = (${table.kind} = 'webhook_disabled')
        and (${table.linkId} is not null) = (${table.kind} = 'user_link')
        and (${table.reminderId} is not null) = (${table.kind} = 'expiry_reminder')
        and (${table.overviewId} is not null) = (${table.kind} in ('expiry_overview', 'unused_overview', 'token_overview'))
        and (${table.notice} is not null) = (${table.kind} = 'security_notice')
        and (${table.noticeTo} is null or ${table.kind} = 'security_notice')
        and ${table.kind} in ('reveal_link', 'code', 'change_notice', 'change_report', 'user_link', 'security_notice',
          'expiry_reminder', 'expiry_overview', 'unused_overview', 'token_overview', 'leak_notice', 'leak_report',
          'webhook_disabled')`,
    ),
    check(
      'messages_channel',
      sql`${table.channel} = case when ${table.kind} = 'code' then 'sms' else 'email' end`,
    ),
    check('messages_state', sql`${table.state} in ('queued', 'sent', 'failed', 'dropped', 'refused')`),
  ],
);
