import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { type AcceptedSms, type DeliveryOutcome, OutcomeQueryError, type SmsOutcome } from './outcome.ts';
import { RESPONSE_TIMEOUT_MS } from './send-result.ts';
import { fetchTwilio } from './twilio.ts';

/**
 * Fields of Twilio's message resource: https://www.twilio.com/docs/messaging/api/message-resource.
 * The phone number and the body are not read.
 */
const messageSchema = z.object({
  status: z.string(),
  error_code: z.number().nullable().catch(null),
  /** RFC 2822: `Wed, 25 Nov 2026 12:00:00 +0000`. */
  date_updated: z.string().catch(''),
});

/** Delivery errors: https://www.twilio.com/docs/api/errors. */
const FAILURE_REASONS = new Map([
  [21610, 'The owner of the phone has opted out of texts from this sender.'],
  [30001, 'Too many texts waited at Twilio.'],
  [30002, 'The Twilio account is suspended.'],
  [30003, 'The phone could not be reached: it may be switched off, or out of reach.'],
  [30004, 'The phone takes no texts from this sender.'],
  [30005, 'There is no such phone number, or it is not in use.'],
  [30006, 'The phone number cannot receive texts, or its carrier cannot be reached.'],
  [30007, "The phone's carrier took the text for spam."],
  [30008, "The phone's carrier did not say why it failed."],
  [30034, 'The sender is not registered, as texts to this country need.'],
  [30036, 'The text waited too long to be delivered.'],
  [30410, "The phone's carrier did not answer."],
  [30450, 'Twilio blocked the text as a guard against fraud with texts.'],
  [30453, 'Twilio blocked the text as a guard against fraud with texts.'],
  [63038, 'The Twilio account has reached its number of texts for the day.'],
]);

/** Returns null if the status is not final. */
function parseOutcome({
  status,
  error_code,
  date_updated,
}: z.infer<typeof messageSchema>): DeliveryOutcome | null {
  const updatedAt = new Date(date_updated);
  const at = Number.isNaN(updatedAt.getTime()) ? new Date() : updatedAt;
  if (status === 'delivered' || status === 'read') return { kind: 'delivered', at, reason: null };
  if (status !== 'undelivered' && status !== 'failed' && status !== 'canceled') return null;
  const code = error_code ? ` (Twilio's error ${error_code})` : '';
  const reason = FAILURE_REASONS.get(error_code ?? 0) ?? `The text could not be delivered${code}.`;
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
    if (!response.ok) throw new OutcomeQueryError(`Twilio answered with an error (${response.status})`);
    const message = messageSchema.safeParse(JSON.parse(content)).data;
    const outcome = message && parseOutcome(message);
    if (outcome) yield { providerId, outcome };
  }
}
