import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { type AcceptedSms, type DeliveryOutcome, OutcomeQueryError, type SmsOutcome } from './outcome.ts';
import { BLOCKED_AS_SPAM, describeErrorResponse, PHONE_UNREACHABLE } from './reasons.ts';
import { RESPONSE_TIMEOUT_MS } from './send-result.ts';
import { ACCOUNT_SUSPENDED, DAILY_LIMIT_REACHED, fetchTwilio, OPTED_OUT } from './twilio.ts';

const SUSPECTED_FRAUD = 'Twilio blocked the text as suspected fraud.';

/**
 * Fields of Twilio's message resource (https://www.twilio.com/docs/messaging/api/message-resource), without the phone
 * number and the text.
 */
const messageSchema = z.object({
  status: z.string(),
  error_code: z.number().nullable().catch(null),
  /** RFC 2822: `Wed, 25 Nov 2026 12:00:00 +0000`. */
  date_updated: z.string().catch(''),
});

/** Delivery errors: https://www.twilio.com/docs/api/errors. */
const FAILURE_REASONS = new Map([
  [21610, OPTED_OUT],
  [30001, 'Too many texts were queued at Twilio.'],
  [30002, ACCOUNT_SUSPENDED],
  [30003, PHONE_UNREACHABLE],
  [30004, 'The phone can’t receive texts from this sender.'],
  [30005, 'The phone number doesn’t exist or isn’t in use.'],
  [30006, 'The phone number can’t receive texts, or its mobile network couldn’t be reached.'],
  [30007, BLOCKED_AS_SPAM],
  [30008, 'The mobile network didn’t say why it failed.'],
  [30034, 'This country needs a registered sender.'],
  [30036, 'The text waited too long to be delivered.'],
  [30410, 'The mobile network didn’t respond.'],
  [30450, SUSPECTED_FRAUD],
  [30453, SUSPECTED_FRAUD],
  [63038, DAILY_LIMIT_REACHED],
]);

/** Returns the outcome of an SMS; null if its status is not final. */
function parseOutcome({
  status,
  error_code,
  date_updated,
}: z.infer<typeof messageSchema>): DeliveryOutcome | null {
  const updatedAt = new Date(date_updated);
  const at = Number.isNaN(updatedAt.getTime()) ? new Date() : updatedAt;
  if (status === 'delivered' || status === 'read') return { kind: 'delivered', at, reason: null };
  if (status !== 'undelivered' && status !== 'failed' && status !== 'canceled') return null;
  const codeSuffix = error_code ? ` (Twilio error ${error_code})` : '';
  const reason = FAILURE_REASONS.get(error_code ?? 0) ?? `The provider gave no reason${codeSuffix}.`;
  return { kind: 'failed', at, reason };
}

/**
 * Fetches the outcomes of SMS from Twilio, one request at a time. Skips an SMS that Twilio does not know.
 *
 * @param timeoutMs limit for each request
 * @throws if Twilio cannot be queried
 */
export async function* fetchTwilioOutcomes(
  account: TwilioAccount,
  messages: AcceptedSms[],
  stopSignal: AbortSignal,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): AsyncGenerator<SmsOutcome> {
  for (const { providerId } of messages) {
    const signal = AbortSignal.any([stopSignal, AbortSignal.timeout(timeoutMs)]);
    const path = `Messages/${encodeURIComponent(providerId)}.json`;
    const response = await fetchTwilio(account, path, { method: 'GET', signal });
    const content = await response.text();
    if (response.status === 404) continue;
    if (!response.ok) throw new OutcomeQueryError(describeErrorResponse('Twilio', response.status));
    const message = messageSchema.safeParse(JSON.parse(content)).data;
    const outcome = message && parseOutcome(message);
    if (outcome) yield { providerId, outcome };
  }
}
