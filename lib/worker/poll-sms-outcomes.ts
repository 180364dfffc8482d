import { setTimeout as delay } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Database } from '#db/client.ts';
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

type PolledProvider = 'sns' | 'twilio';

const INTERVAL_MS = 20_000;
/** SMS per poll. The limit of ids in a CloudWatch filter pattern. */
const BATCH_SIZE = 24;

/** Returns the configured provider if its outcomes can be polled. */
function findPolledProvider(): PolledProvider | null {
  const { sms } = settings();
  if (sms.provider === 'sns') return sms.logGroup ? 'sns' : null;
  return sms.provider === 'twilio' ? 'twilio' : null;
}

let logsClient: CloudWatchLogsClient | undefined;

/**
 * Fetches the outcomes of SMS from the configured provider. Skips those without a final outcome.
 * @throws if the provider cannot be queried; outcomes yielded before remain valid
 */
async function* fetchOutcomes(messages: AcceptedSms[], stopSignal: AbortSignal): AsyncGenerator<SmsOutcome> {
  const { sms } = settings();
  if (sms.provider === 'twilio') yield* fetchTwilioOutcomes(sms.account, messages, stopSignal);
  if (sms.provider !== 'sns' || !sms.logGroup) return;
  const { createLogsClient, fetchSnsOutcomes } = await import('#lib/notifications/providers/sns-outcomes.ts');
  logsClient ??= createLogsClient();
  yield* fetchSnsOutcomes(logsClient, sms.logGroup, messages, stopSignal);
}

/** Describes an error without its message, which may contain a phone number or part of a credential. */
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
    const messageId = messageIds.get(providerId) ?? null;
    await recordReport(database, { messageId, provider, providerId }, outcome, `${provider}:${providerId}`);
  }
}

/**
 * Starts polling the SMS provider for delivery outcomes, if the provider supports it (`docs/reference/messages.md`).
 *
 * Needs no queue and no lock: an outcome that several workers find is recorded once. The log reports the first failed
 * poll and the recovery, not each failure.
 */
export function startSmsOutcomePolling(
  database: Database,
  intervalMs = INTERVAL_MS,
): { stop(): Promise<void> } {
  const provider = findPolledProvider();
  const stopping = new AbortController();
  const { signal } = stopping;
  let isFailing = false;
  const poll = async (from: PolledProvider) => {
    while (!signal.aborted) {
      try {
        await pollOnce(database, from, signal);
        if (isFailing) log.info('worker.sms_polling_recovered', { provider: from });
        isFailing = false;
      } catch (error) {
        if (!isFailing && !signal.aborted)
          log.warn('worker.sms_polling_failed', { provider: from, reason: describeError(error) });
        isFailing = true;
      }
      // Aborted by `stop`.
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
  };
  const polling = provider ? poll(provider) : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await polling;
    },
  };
}
