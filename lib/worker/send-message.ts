import type { PgBoss } from 'pg-boss';
import type { Database } from '#db/client.ts';
import { type Attempt, beginAttempt, defer } from '#lib/notifications/delivery/begin-attempt.ts';
import { markFailed, markSent, recordFailedAttempt } from '#lib/notifications/delivery/finish-attempt.ts';
import { changeNotice } from '#lib/notifications/email/change-notice.ts';
import { changeReportEmail } from '#lib/notifications/email/change-report-email.ts';
import { revealEmail } from '#lib/notifications/email/reveal-email.ts';
import { securityNoticeEmail } from '#lib/notifications/email/security-notice.ts';
import { loadEmailSender, sendEmail } from '#lib/notifications/email/send-email.ts';
import { userLinkEmail } from '#lib/notifications/email/user-link-email.ts';
import type { Email, Sent } from '#lib/notifications/providers/sent.ts';
import { revealSms } from '#lib/notifications/sms/reveal-sms.ts';
import { loadSmsSender, sendSms } from '#lib/notifications/sms/send-sms.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { type PreparedMessage, prepareMessage } from './prepare-message.ts';
import { retryUntil } from './retry-until.ts';
import { WORKER_TIMING, type WorkerTiming } from './timing.ts';

/** Composes a message and hands it to its provider. */
async function send(messageId: string, message: PreparedMessage, deadline: number): Promise<Sent> {
  const { organisationName: organisation, publicUrl } = settings();
  const email = (words: Omit<Email, 'id' | 'to'>) =>
    sendEmail({ id: messageId, to: message.to, ...words }, deadline);
  switch (message.kind) {
    case 'reveal_link': {
      const { username, link, expiresAt } = message;
      return email(await revealEmail({ organisation, username, link, expiresAt }));
    }
    case 'code': {
      const host = new URL(publicUrl).hostname;
      const text = revealSms({ organisation, code: message.code, host });
      return sendSms({ id: messageId, to: message.to, text }, deadline);
    }
    case 'change_notice':
      return email(await changeNotice({ organisation, ...message }));
    case 'objection':
      return email(await changeReportEmail({ organisation, ...message }));
    case 'user_link':
      return email(await userLinkEmail({ organisation, ...message }));
    case 'security_notice':
      return email(await securityNoticeEmail({ organisation, ...message }));
  }
}

/** Writes down what became of an attempt, and queues the next one where it failed. */
async function finish(database: Database, sender: PgBoss, attempt: Attempt, sent: Sent): Promise<void> {
  const { messageId } = attempt;
  if (sent.ok) return markSent(database, messageId, sent);
  if (!sent.retry) return markFailed(database, messageId, sent.reason);
  return recordFailedAttempt(database, sender, attempt, sent);
}

/**
 * Makes one attempt to send a message, and writes down what became of it. A failure is written down too, and the next
 * attempt is a job of its own.
 *
 * @throws where the database could not be reached, or the message not be made
 */
export async function sendMessage(
  database: Database,
  sender: PgBoss,
  messageId: string,
  { answerWithinMs, readyWithinMs, leaseSeconds }: WorkerTiming = WORKER_TIMING,
): Promise<void> {
  const begun = performance.now();
  const attempt = await beginAttempt(database, sender, messageId, leaseSeconds);
  if (!attempt) return;
  const message = await prepareMessage(database, messageId);
  if (!message) return;
  // The first message of a kind takes a while to load what sends it. That has to come before the look at the clock.
  await (message.kind === 'code' ? loadSmsSender() : loadEmailSender());
  if (performance.now() - begun > readyWithinMs) return defer(database, sender, attempt);
  const sent = await send(messageId, message, answerWithinMs);
  if (!sent.ok) log.warn('worker.attempt_failed', { messageId, reason: sent.reason });
  await retryUntil(() => finish(database, sender, attempt, sent));
}
