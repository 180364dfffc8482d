import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { type AskedText, CannotAsk, type Outcome, type TextOutcome } from './outcome.ts';
import { RESPONSE_TIMEOUT_MS } from './sent.ts';
import { askTwilio } from './twilio.ts';

/** What is read of a message: https://www.twilio.com/docs/messaging/api/message-resource. The number and the words are not. */
const messageSchema = z.object({
  status: z.string(),
  error_code: z.number().nullable().catch(null),
  /** As in an email: `Wed, 25 Nov 2026 12:00:00 +0000`. */
  date_updated: z.string().catch(''),
});

/** https://www.twilio.com/docs/api/errors: those of a delivery. */
const FAILURES = new Map([
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

function outcomeOf({ status, error_code, date_updated }: z.infer<typeof messageSchema>): Outcome | null {
  const moment = new Date(date_updated);
  const at = Number.isNaN(moment.getTime()) ? new Date() : moment;
  if (status === 'delivered' || status === 'read') return { kind: 'delivered', at, reason: null };
  if (status !== 'undelivered' && status !== 'failed' && status !== 'canceled') return null;
  const code = error_code ? ` (Twilio's error ${error_code})` : '';
  const reason = FAILURES.get(error_code ?? 0) ?? `The text could not be delivered${code}.`;
  return { kind: 'failed', at, reason };
}

/**
 * Asks Twilio what became of texts, one after the other.
 *
 * @param deadline milliseconds for each
 * @throws where Twilio cannot be asked; a text that Twilio knows nothing of is left out
 */
export async function* twilioOutcomes(
  account: TwilioAccount,
  texts: AskedText[],
  stopped: AbortSignal,
  deadline = RESPONSE_TIMEOUT_MS,
): AsyncGenerator<TextOutcome> {
  for (const { providerId } of texts) {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(deadline)]);
    const path = `Messages/${encodeURIComponent(providerId)}.json`;
    const answer = await askTwilio(account, path, { method: 'GET', signal });
    const content = await answer.text();
    if (answer.status === 404) continue;
    if (!answer.ok) throw new CannotAsk(`Twilio answered with an error (${answer.status})`);
    const message = messageSchema.safeParse(JSON.parse(content)).data;
    const outcome = message && outcomeOf(message);
    if (outcome) yield { providerId, outcome };
  }
}
