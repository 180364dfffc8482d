import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordReport } from '#lib/notifications/delivery/record-report.ts';
import { findSmsAwaitingReport } from '#lib/notifications/delivery/sms-awaiting-report.ts';
import {
  type AcceptedSms,
  OutcomeQueryError,
  type SmsOutcome,
} from '#lib/notifications/providers/outcome.ts';
import { fetchTwilioOutcomes } from '#lib/notifications/providers/twilio-outcomes.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { repeat } from './repeat.ts';

type PolledProvider = 'sns' | 'twilio';

const INTERVAL_MS = 20_000;
/** Maximum number of SMS per poll: as many ids as fit in a CloudWatch filter pattern. */
const BATCH_SIZE = 24;

/** Returns the configured provider if its outcomes can be polled. */
function findPolledProvider(): PolledProvider | null {
  const { sms } = settings();
  if (sms.provider === 'sns') return sms.logGroup ? 'sns' : null;
  return sms.provider === 'twilio' ? 'twilio' : null;
}

let logsClient: CloudWatchLogsClient | undefined;

/**
 * Fetches the outcomes of SMS from the configured provider. Skips SMS without a final outcome.
 * @throws if the provider cannot be queried; the outcomes that it has already yielded are valid
 */
async function* fetchOutcomes(messages: AcceptedSms[], stopSignal: AbortSignal): AsyncGenerator<SmsOutcome> {
  const { sms } = settings();
  if (sms.provider === 'twilio') yield* fetchTwilioOutcomes(sms.account, messages, stopSignal);
  if (sms.provider !== 'sns' || !sms.logGroup) return;
  const { createLogsClient, fetchSnsOutcomes } = await import('#lib/notifications/providers/sns-outcomes.ts');
  logsClient ??= createLogsClient();
  yield* fetchSnsOutcomes(logsClient, sms.logGroup, messages, stopSignal);
}

/**
 * Describes an error by its name and its cause's code. Its message may contain a phone number or part of a credential,
 * so only the message of an `OutcomeQueryError` is used.
 */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error instanceof OutcomeQueryError) return error.message;
  const cause = error.cause instanceof Error && 'code' in error.cause ? ` (${error.cause.code})` : '';
  return `${error.name}${cause}`;
}

/** Fetches and records the outcomes of one batch of SMS. */
async function pollOnce(
  database: Database,
  provider: PolledProvider,
  stopSignal: AbortSignal,
): Promise<void> {
  const messages = await findSmsAwaitingReport(database, provider, BATCH_SIZE);
  if (messages.length === 0) return;
  const messageIds = new Map(messages.map(({ providerId, messageId }) => [providerId, messageId]));
  for await (const { providerId, outcome } of fetchOutcomes(messages, stopSignal)) {
    const message = { messageId: messageIds.get(providerId) ?? null, provider, providerId };
    await withTransaction(database, (transaction) =>
      recordReport(transaction, message, outcome, `${provider}:${providerId}`),
    );
  }
}

/**
 * Starts polling the SMS provider for delivery outcomes, if the provider supports it (`docs/reference/messages.md`).
 *
 * Needs no queue and no lock: an outcome that several workers fetch is recorded once. Of consecutive failed polls, only
 * the first one and the recovery are logged.
 * @returns `stop`, which aborts the current poll and waits for its end
 */
export function startSmsOutcomePolling(
  database: Database,
  intervalMs = INTERVAL_MS,
): { stop(): Promise<void> } {
  const provider = findPolledProvider();
  if (!provider) return { stop: async () => {} };
  let isFailing = false;
  return repeat(async (stopSignal) => {
    try {
      await pollOnce(database, provider, stopSignal);
      if (isFailing) log.info('worker.sms_polling_recovered', { provider });
      isFailing = false;
    } catch (error) {
      if (!isFailing && !stopSignal.aborted)
        log.warn('worker.sms_polling_failed', { provider, reason: describeError(error) });
      isFailing = true;
    }
  }, intervalMs);
}
