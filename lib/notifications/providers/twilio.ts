import { z } from 'zod';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import {
  describeErrorResponse,
  describeInvalidResponse,
  describeRateLimited,
  describeTimeout,
  describeUnreachable,
} from './reasons.ts';
import {
  createPermanentFailure,
  createTemporaryFailure,
  failedBeforeSending,
  parseRetryAfter,
  RESPONSE_TIMEOUT_MS,
  type SendResult,
  type Sms,
} from './send-result.ts';

const acceptedSchema = z.object({ sid: z.string().regex(/^[A-Z]{2}[0-9a-f]{32}$/) });
/** Twilio's `message` may contain the phone number, so only the code is read. */
const failureSchema = z.object({ code: z.number() });

/** Creates the result of a failure after which it is unknown whether Twilio accepted the SMS. */
const createUnansweredFailure = (reason: string): SendResult => ({
  ...createTemporaryFailure(reason),
  isUnanswered: true,
});

const INVALID_SENDER = 'Twilio rejected the sender. Check TWILIO_FROM.';
const INVALID_NUMBER = 'Twilio rejected the phone number as invalid.';
const NOT_SMS_CAPABLE = 'The phone number can’t receive texts.';
const INVALID_BODY = 'Twilio rejected the text as invalid.';
export const OPTED_OUT = 'The owner of the phone has opted out of texts from this sender.';
export const ACCOUNT_SUSPENDED = 'The Twilio account is suspended.';
export const DAILY_LIMIT_REACHED = 'The Twilio account has reached its daily limit of texts.';

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
  [21610, OPTED_OUT],
  [21602, INVALID_BODY],
  [21605, INVALID_BODY],
  [21617, INVALID_BODY],
  [21619, INVALID_BODY],
]);

/** Errors that pass, or that an operator can correct at Twilio or in the settings, while the message is retried. */
const CONFIGURATION_ERRORS = new Map([
  [20005, 'The Twilio account isn’t active.'],
  [20008, 'The Twilio credentials are for testing only. Check TWILIO_AUTH_TOKEN.'],
  [21212, INVALID_SENDER],
  [21603, INVALID_SENDER],
  [21606, INVALID_SENDER],
  [21659, INVALID_SENDER],
  [21660, INVALID_SENDER],
  [21661, INVALID_SENDER],
  [21701, INVALID_SENDER],
  [21703, INVALID_SENDER],
  [21705, INVALID_SENDER],
  [21408, 'Texts to this country aren’t turned on in Twilio (Messaging, Geo permissions).'],
  [
    21608,
    'The Twilio account is a trial account, which can only text numbers that are verified with Twilio.',
  ],
  [21611, 'Too many texts are queued at Twilio for this sender.'],
  [21612, 'Twilio can’t text this phone number from TWILIO_FROM. It may need another sender.'],
  [30002, ACCOUNT_SUSPENDED],
  [63038, DAILY_LIMIT_REACHED],
]);

function parseFailure(status: number, code: number | undefined, retryAfter: string | undefined): SendResult {
  if (status === 429 || code === 20429) {
    const reason = describeRateLimited('Twilio');
    return { ok: false, retry: true, reason, ...parseRetryAfter(retryAfter) };
  }
  const configurationError = CONFIGURATION_ERRORS.get(code ?? 0);
  if (configurationError) return createTemporaryFailure(configurationError);
  const permanentError = PERMANENT_ERRORS.get(code ?? 0);
  if (permanentError) return createPermanentFailure(permanentError);
  if (status === 401 || status === 403 || status === 404 || code === 20003) {
    return createTemporaryFailure(
      'Twilio rejected the credentials. Check TWILIO_ACCOUNT_SID and its auth token or API key.',
    );
  }
  const reason = describeErrorResponse('Twilio', code ?? status);
  // A proxy in front of Twilio sends 502 and 504, so Twilio may have accepted the SMS.
  return status === 502 || status === 504 ? createUnansweredFailure(reason) : createTemporaryFailure(reason);
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
    // The body is not JSON, so it is not from Twilio itself. The status is evaluated anyway.
  }
  if (response.ok) {
    const accepted = acceptedSchema.safeParse(content);
    if (accepted.success) return { ok: true, provider: 'twilio', providerId: accepted.data.sid };
    return createUnansweredFailure(describeInvalidResponse('Twilio'));
  }
  const code = failureSchema.safeParse(content).data?.code;
  return parseFailure(response.status, code, response.headers.get('retry-after') ?? undefined);
}

/**
 * Sends an SMS by Twilio (https://www.twilio.com/docs/messaging/api/message-resource), which has no idempotency keys.
 * Uses `fetch`, because Twilio's SDK and its six dependencies are too much for two requests.
 *
 * @param timeoutMs limit for the request and the response
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
    if (signal.aborted) return createUnansweredFailure(describeTimeout('Twilio', timeoutMs));
    const reason = describeUnreachable('Twilio');
    return failedBeforeSending(error) ? createTemporaryFailure(reason) : createUnansweredFailure(reason);
  }
}
