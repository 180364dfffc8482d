import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import {
  failedBeforeSending,
  parseRetryAfter,
  permanentFailure,
  RESPONSE_TIMEOUT_MS,
  type SendResult,
  type Sms,
  temporaryFailure,
} from './send-result.ts';

const acceptedSchema = z.object({ sid: z.string().regex(/^[A-Z]{2}[0-9a-f]{32}$/) });
/** Twilio's `message` may contain the phone number, so only the code is read. */
const failureSchema = z.object({ code: z.number() });

const unansweredFailure = (reason: string): SendResult => ({ ...temporaryFailure(reason), unanswered: true });

const INVALID_SENDER = 'Twilio refused the sender: check TWILIO_FROM.';
const INVALID_NUMBER = 'Twilio refused the phone number as invalid.';
const NOT_SMS_CAPABLE = 'The phone number cannot receive texts.';
const INVALID_BODY = 'Twilio refused the text as invalid.';

/** Errors that no retry can resolve: https://www.twilio.com/docs/api/errors. */
const PERMANENT_ERRORS = new Map([
  [21211, INVALID_NUMBER],
  [21214, INVALID_NUMBER],
  [21217, INVALID_NUMBER],
  [21265, INVALID_NUMBER],
  [21421, INVALID_NUMBER],
  [21604, INVALID_NUMBER],
  [21614, NOT_SMS_CAPABLE],
  [21635, NOT_SMS_CAPABLE],
  [21610, 'The owner of the phone has opted out of texts from this sender.'],
  [21602, INVALID_BODY],
  [21605, INVALID_BODY],
  [21617, INVALID_BODY],
  [21619, INVALID_BODY],
]);

/** Errors that an administrator can correct at Twilio or in the settings while the message is retried. */
const CONFIGURATION_ERRORS = new Map([
  [20005, 'The Twilio account is not active.'],
  [20008, 'The credentials of Twilio are for tests only: check TWILIO_AUTH_TOKEN.'],
  [21212, INVALID_SENDER],
  [21603, INVALID_SENDER],
  [21606, INVALID_SENDER],
  [21659, INVALID_SENDER],
  [21660, INVALID_SENDER],
  [21661, INVALID_SENDER],
  [21701, INVALID_SENDER],
  [21703, INVALID_SENDER],
  [21705, INVALID_SENDER],
  [21408, 'Texts to this country are not switched on at Twilio (Messaging, Geo permissions).'],
  [21608, 'The Twilio account is on trial: it texts only numbers that were verified there.'],
  [21611, 'Too many texts wait at Twilio for this sender.'],
  [21612, 'Twilio cannot text this phone number from TWILIO_FROM: it may need another sender.'],
  [30002, 'The Twilio account is suspended.'],
  [63038, 'The Twilio account has reached its number of texts for today.'],
]);

function parseFailure(status: number, code: number | undefined, retryAfter: string | undefined): SendResult {
  if (status === 429 || code === 20429) {
    const reason = 'Twilio asks to send more slowly.';
    return { ok: false, retry: true, reason, ...parseRetryAfter(retryAfter) };
  }
  const configurationError = CONFIGURATION_ERRORS.get(code ?? 0);
  if (configurationError) return temporaryFailure(configurationError);
  const permanentError = PERMANENT_ERRORS.get(code ?? 0);
  if (permanentError) return permanentFailure(permanentError);
  if (status === 401 || status === 403 || status === 404 || code === 20003) {
    return temporaryFailure(
      'Twilio refused the credentials: check TWILIO_ACCOUNT_SID and what goes with it.',
    );
  }
  const reason = `Twilio answered with an error (${code ?? status}).`;
  // From a gateway in front of Twilio: Twilio may have accepted the SMS.
  return status === 502 || status === 504 ? unansweredFailure(reason) : temporaryFailure(reason);
}

/** Sends a request to Twilio's API. Redirects are errors, so that no other server gets the credentials. */
export function fetchTwilio(
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

function parseResponse(response: Response, body: string): SendResult {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // Not JSON, so not from Twilio itself. The status still counts.
  }
  if (response.ok) {
    const accepted = acceptedSchema.safeParse(content);
    if (accepted.success) return { ok: true, provider: 'twilio', providerId: accepted.data.sid };
    return unansweredFailure('The answer of Twilio made no sense.');
  }
  const code = failureSchema.safeParse(content).data?.code;
  return parseFailure(response.status, code, response.headers.get('retry-after') ?? undefined);
}

/**
 * Sends an SMS by Twilio (https://www.twilio.com/docs/messaging/api/message-resource), which has no idempotency keys.
 * Uses `fetch`, because Twilio's SDK and its six dependencies are too much for two requests.
 *
 * @param timeoutMs limit for the whole exchange
 */
export async function sendByTwilio(
  account: TwilioAccount,
  { to, text }: Sms,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  const { from } = account;
  const senderField = from.startsWith('MG') && from.length === 34 ? 'MessagingServiceSid' : 'From';
  const body = new URLSearchParams({ To: to, [senderField]: from, Body: text });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetchTwilio(account, 'Messages.json', { method: 'POST', body, signal });
    return parseResponse(response, await response.text());
  } catch (error) {
    if (signal.aborted)
      return unansweredFailure(`Twilio did not answer within ${timeoutMs / 1_000} seconds.`);
    const reason = 'Twilio could not be reached, or its answer made no sense.';
    return failedBeforeSending(error) ? temporaryFailure(reason) : unansweredFailure(reason);
  }
}
