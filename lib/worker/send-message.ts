import { setTimeout as delay } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import {
  prepareTokenOverview,
  type TokenOverviewMessage,
} from '#lib/access-tokens/prepare-token-overview.ts';
import {
  type ChangeMessage,
  prepareChangeMessage,
} from '#lib/api-accounts/contact-changes/prepare-change-message.ts';
import {
  type ExpiryReminderMessage,
  prepareExpiryReminder,
} from '#lib/api-accounts/expiry/prepare-expiry-reminder.ts';
import { type OverviewMessage, prepareOverview } from '#lib/api-accounts/overviews/prepare-overview.ts';
import { type EmailLinkMessage, prepareEmailLink } from '#lib/identity/email-links/prepare-email-link.ts';
import { type NoticeMessage, prepareNotice } from '#lib/identity/users/prepare-notice.ts';
import { CODE_MINUTES } from '#lib/key-delivery/reveal/limits.ts';
import { prepareRevealMessage, type RevealMessage } from '#lib/key-delivery/reveal/prepare-reveal-message.ts';
import { type LeakMessage, prepareLeakMessage } from '#lib/leaks/prepare-leak-message.ts';
import {
  type Attempt,
  abandonMessage,
  beginAttempt,
  deferAttempt,
  markSent,
  recordFailedAttempt,
} from '#lib/notifications/delivery/attempt.ts';
import { renderChangeNoticeEmail } from '#lib/notifications/email/change-notice-email.ts';
import { renderChangeReportEmail } from '#lib/notifications/email/change-report-email.ts';
import { renderExpiryReminderEmail } from '#lib/notifications/email/expiry-reminder-email.ts';
import { renderLeakNoticeEmail } from '#lib/notifications/email/leak-notice-email.ts';
import { renderLeakReportEmail } from '#lib/notifications/email/leak-report-email.ts';
import {
  renderExpiryOverviewEmail,
  renderTokenOverviewEmail,
  renderUnusedOverviewEmail,
} from '#lib/notifications/email/overview-emails.ts';
import { renderRevealEmail } from '#lib/notifications/email/reveal-email.ts';
import { renderSecurityNoticeEmail } from '#lib/notifications/email/security-notice-email.ts';
import { sendEmail } from '#lib/notifications/email/send-email.ts';
import { renderUserLinkEmail } from '#lib/notifications/email/user-link-email.ts';
import { renderWebhookDisabledEmail } from '#lib/notifications/email/webhook-disabled-email.ts';
import type { Email, SendResult } from '#lib/notifications/providers/send-result.ts';
import { renderRevealSms } from '#lib/notifications/sms/reveal-sms.ts';
import { sendSms } from '#lib/notifications/sms/send-sms.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import {
  prepareWebhookDisabled,
  type WebhookDisabledMessage,
} from '#lib/webhooks/prepare-disabled-notice.ts';
import { WORKER_TIMING, type WorkerTiming } from './timing.ts';

/** How long, and how often, the write of a result is retried. */
const WRITE_RETRY_MS = 30_000;
const WRITE_RETRY_INTERVAL_MS = 250;

/** The recipient of a message, and the data that its text is rendered from. */
export type PreparedMessage =
  | RevealMessage
  | ChangeMessage
  | EmailLinkMessage
  | NoticeMessage
  | ExpiryReminderMessage
  | OverviewMessage
  | TokenOverviewMessage
  | LeakMessage
  | WebhookDisabledMessage;

/**
 * Counts an attempt and reads the data that the message is rendered from.
 * @returns null if there is nothing to send: the message was sent, abandoned, replaced or is no longer needed
 */
export async function prepareMessage(database: Database, id: string): Promise<PreparedMessage | null> {
  return withTransaction(database, async (transaction) => {
    const [message] = await transaction
      .select({
        kind: messages.kind,
        revealId: messages.revealId,
        changeId: messages.changeId,
        linkId: messages.linkId,
        userId: messages.userId,
        reminderId: messages.reminderId,
        overviewId: messages.overviewId,
        webhookEndpointId: messages.webhookEndpointId,
        leakId: messages.leakId,
      })
      .from(messages)
      .where(eq(messages.id, id));
    if (!message) return null;
    const { kind, revealId, changeId, linkId, userId, reminderId, overviewId, webhookEndpointId, leakId } =
      message;
    if (revealId) return prepareRevealMessage(transaction, { id, revealId });
    if (changeId) return prepareChangeMessage(transaction, { id, changeId, userId });
    if (linkId) return prepareEmailLink(transaction, { id, linkId });
    if (reminderId) return prepareExpiryReminder(transaction, { id, reminderId });
    if (webhookEndpointId && userId)
      return prepareWebhookDisabled(transaction, { id, userId, webhookEndpointId });
    if (leakId) return prepareLeakMessage(transaction, { id, leakId, userId });
    if (kind === 'token_overview' && userId) return prepareTokenOverview(transaction, { id, userId });
    if (overviewId && userId) return prepareOverview(transaction, { id, overviewId, userId });
    if (userId) return prepareNotice(transaction, { id, userId });
    return null;
  });
}

/** Renders a message and sends it by the configured provider. */
async function renderAndSend(
  messageId: string,
  message: PreparedMessage,
  timeoutMs: number,
): Promise<SendResult> {
  const { organisationName: organisation, organisationTimeZone: timeZone, publicUrl } = settings();
  const sendContent = (content: Omit<Email, 'id' | 'to'>) =>
    sendEmail({ id: messageId, to: message.to, ...content }, timeoutMs);
  switch (message.kind) {
    case 'reveal_link':
      return sendContent(await renderRevealEmail({ organisation, ...message, codeMinutes: CODE_MINUTES }));
    case 'code': {
      const host = new URL(publicUrl).hostname;
      const text = renderRevealSms({ organisation, code: message.code, host });
      return sendSms({ id: messageId, to: message.to, text }, timeoutMs);
    }
    case 'change_notice':
      return sendContent(await renderChangeNoticeEmail({ organisation, ...message }));
    case 'change_report':
      return sendContent(await renderChangeReportEmail({ organisation, ...message }));
    case 'user_link':
      return sendContent(await renderUserLinkEmail({ organisation, ...message }));
    case 'security_notice':
      return sendContent(await renderSecurityNoticeEmail({ organisation, ...message }));
    case 'expiry_reminder':
      return sendContent(await renderExpiryReminderEmail({ organisation, timeZone, ...message }));
    case 'expiry_overview':
      return sendContent(await renderExpiryOverviewEmail({ organisation, timeZone, ...message }));
    case 'unused_overview':
      return sendContent(await renderUnusedOverviewEmail({ organisation, timeZone, ...message }));
    case 'token_overview':
      return sendContent(await renderTokenOverviewEmail({ organisation, timeZone, ...message }));
    case 'webhook_disabled':
      return sendContent(await renderWebhookDisabledEmail({ organisation, ...message }));
    case 'leak_notice':
      return sendContent(await renderLeakNoticeEmail({ organisation, ...message }));
    case 'leak_report':
      return sendContent(await renderLeakReportEmail({ organisation, ...message }));
  }
}

/** Records the result of an attempt. After a failure, queues the next attempt or abandons the message. */
async function recordResult(
  database: Database,
  queue: PgBoss,
  attempt: Attempt,
  result: SendResult,
): Promise<void> {
  const { messageId } = attempt;
  if (result.ok) return markSent(database, messageId, result);
  if (!result.retry) return abandonMessage(database, messageId, result.reason);
  return recordFailedAttempt(database, queue, attempt, result);
}

/**
 * Retries the write of a result for 30 seconds. Otherwise, a database restart would cause a second sending of an SMS
 * that the provider has accepted.
 * @throws the last error
 */
async function retryWrite(write: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() - startedAt > WRITE_RETRY_MS) throw error;
    }
    await delay(WRITE_RETRY_INTERVAL_MS);
  }
}

/**
 * Makes one attempt to send a message and records the result. The next attempt after a failure is a new job.
 * @throws if the database cannot be reached or the message cannot be rendered
 */
export async function sendMessage(
  database: Database,
  queue: PgBoss,
  messageId: string,
  { responseTimeoutMs, preparationTimeoutMs, leaseSeconds }: WorkerTiming = WORKER_TIMING,
): Promise<void> {
  const startedAt = performance.now();
  const attempt = await beginAttempt(database, queue, messageId, leaseSeconds);
  if (!attempt) return;
  const message = await prepareMessage(database, messageId);
  if (!message) return;
  if (performance.now() - startedAt > preparationTimeoutMs) return deferAttempt(database, queue, attempt);
  const result = await renderAndSend(messageId, message, responseTimeoutMs);
  if (!result.ok) log.warn('worker.attempt_failed', { messageId, reason: result.reason });
  await retryWrite(() => recordResult(database, queue, attempt, result));
}
