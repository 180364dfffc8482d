import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { failedBeforeSending, RESPONSE_TIMEOUT_MS, retryAfter, type Sent, type Text } from './sent.ts';

const acceptedSchema = z.object({ sid: z.string().regex(/^[A-Z]{2}[0-9a-f]{32}$/) });
/** Twilio repeats what was wrong in `message`, phone number and all: only the code is read. */
const failureSchema = z.object({ code: z.number() });

const tryAgain = (reason: string): Sent => ({ ok: false, retry: true, reason });
const abandon = (reason: string): Sent => ({ ok: false, retry: false, reason });
const unanswered = (reason: string): Sent => ({ ok: false, retry: true, reason, unanswered: true });

const SENDER = 'Twilio refused the sender: check TWILIO_FROM.';
const NUMBER = 'Twilio refused the phone number as invalid.';
const NO_TEXTS = 'The phone number cannot receive texts.';
const WORDS = 'Twilio refused the text as invalid.';

/** What nobody can mend by waiting: https://www.twilio.com/docs/api/errors. */
const HOPELESS = new Map([
  [21211, NUMBER],
  [21214, NUMBER],
  [21217, NUMBER],
  [21265, NUMBER],
  [21421, NUMBER],
  [21604, NUMBER],
  [21614, NO_TEXTS],
  [21635, NO_TEXTS],
  [21610, 'The owner of the phone has opted out of texts from this sender.'],
  [21602, WORDS],
  [21605, WORDS],
  [21617, WORDS],
  [21619, WORDS],
]);

/** What an administrator can mend at Twilio or in the settings, while the queue tries again. */
const MENDABLE = new Map([
  [20005, 'The Twilio account is not active.'],
  [20008, 'The credentials of Twilio are for tests only: check TWILIO_AUTH_TOKEN.'],
  [21212, SENDER],
  [21603, SENDER],
  [21606, SENDER],
  [21659, SENDER],
  [21660, SENDER],
  [21661, SENDER],
  [21701, SENDER],
  [21703, SENDER],
  [21705, SENDER],
  [21408, 'Texts to this country are not switched on at Twilio (Messaging, Geo permissions).'],
  [21608, 'The Twilio account is on trial: it texts only numbers that were verified there.'],
  [21611, 'Too many texts wait at Twilio for this sender.'],
  [21612, 'Twilio cannot text this phone number from TWILIO_FROM: it may need another sender.'],
  [30002, 'The Twilio account is suspended.'],
  [63038, 'The Twilio account has reached its number of texts for today.'],
]);

function explain(status: number, code: number | undefined, waitFor: string | undefined): Sent {
  if (status === 429 || code === 20429) {
    const reason = 'Twilio asks to send more slowly.';
    return { ok: false, retry: true, reason, ...retryAfter(waitFor) };
  }
  const mendable = MENDABLE.get(code ?? 0);
  if (mendable) return tryAgain(mendable);
  const hopeless = HOPELESS.get(code ?? 0);
  if (hopeless) return abandon(hopeless);
  if (status === 401 || status === 403 || status === 404 || code === 20003) {
    return tryAgain('Twilio refused the credentials: check TWILIO_ACCOUNT_SID and what goes with it.');
  }
  const reason = `Twilio answered with an error (${code ?? status}).`;
  // A gateway in front of it gave up: whether Twilio took the text, it does not know.
  return status === 502 || status === 504 ? unanswered(reason) : tryAgain(reason);
}

/** A request to the account at Twilio. Credentials go nowhere else: a redirection is an error. */
export function askTwilio(
  { accountSid, login, baseUrl }: TwilioAccount,
  path: string,
  options: { method: 'GET' | 'POST'; body?: URLSearchParams; signal: AbortSignal },
): Promise<Response> {
  const credentials = Buffer.from(`${login.user}:${login.password}`).toString('base64');
  return fetch(`${baseUrl}/2010-04-01/Accounts/${accountSid}/${path}`, {
    ...options,
    redirect: 'error',
    headers: { Authorization: `Basic ${credentials}`, Accept: 'application/json' },
  });
}

function readAnswer(answer: Response, body: string): Sent {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // Not Twilio's own words; the status still tells something.
  }
  if (answer.ok) {
    const accepted = acceptedSchema.safeParse(content);
    if (accepted.success) return { ok: true, provider: 'twilio', providerId: accepted.data.sid };
    return unanswered('The answer of Twilio made no sense.');
  }
  const code = failureSchema.safeParse(content).data?.code;
  return explain(answer.status, code, answer.headers.get('retry-after') ?? undefined);
}

/**
 * Hands a text to Twilio (https://www.twilio.com/docs/messaging/api/message-resource). By `fetch`: two
 * requests are not worth Twilio's own package and the six that it brings. Twilio knows no idempotency key for texts.
 *
 * @param deadline milliseconds for the whole exchange
 */
export async function sendByTwilio(
  account: TwilioAccount,
  { to, text }: Text,
  deadline = RESPONSE_TIMEOUT_MS,
): Promise<Sent> {
  const { from } = account;
  const sender = from.startsWith('MG') && from.length === 34 ? 'MessagingServiceSid' : 'From';
  const body = new URLSearchParams({ To: to, [sender]: from, Body: text });
  const signal = AbortSignal.timeout(deadline);
  try {
    const answer = await askTwilio(account, 'Messages.json', { method: 'POST', body, signal });
    return readAnswer(answer, await answer.text());
  } catch (error) {
    if (signal.aborted) return unanswered(`Twilio did not answer within ${deadline / 1_000} seconds.`);
    const reason = 'Twilio could not be reached, or its answer made no sense.';
    return failedBeforeSending(error) ? tryAgain(reason) : unanswered(reason);
  }
}
