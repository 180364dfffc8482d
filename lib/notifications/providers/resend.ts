import { Resend } from 'resend';
import { z } from 'zod';
import {
  describeErrorResponse,
  describeRateLimited,
  describeTimeout,
  describeUnreachable,
} from './reasons.ts';
import {
  createPermanentFailure,
  createTemporaryFailure,
  type Email,
  parseRetryAfter,
  RESPONSE_TIMEOUT_MS,
  type SendResult,
} from './send-result.ts';

/** `baseUrl` is for tests. The SDK's default is RESEND_BASE_URL or https://api.resend.com. */
export type ResendAccount = { apiKey: string; from: string; baseUrl?: string };

/** Name of the tag that carries the message's id, in emails and in Resend's webhooks about them. */
export const MESSAGE_TAG = 'message_id';

export const QUOTA_EXCEEDED = 'You’ve used your Resend email allowance.';

/** Fields of the SDK's error. The SDK passes on any JSON of an error response, so every field may be missing. */
const failureSchema = z
  .object({
    name: z.string().catch(''),
    statusCode: z.number().nullable().catch(null),
    message: z.string().catch(''),
  })
  .catch({ name: '', statusCode: null, message: '' });

const acceptedSchema = z.object({ id: z.string().min(1) });

/**
 * Maps an error of Resend to a result: https://resend.com/docs/api-reference/errors.
 * Resend's own message may contain an address, so it is not passed on.
 */
function parseFailure(
  { name, statusCode, message }: z.infer<typeof failureSchema>,
  retryAfter: string | undefined,
): SendResult {
  // Resend accepted an earlier attempt with another body, such as that of an earlier version of the template.
  if (name === 'invalid_idempotent_request') return { ok: true, provider: 'resend', providerId: null };
  if (statusCode === 409)
    return createTemporaryFailure('Resend is still processing an earlier attempt to send this email.');
  if (statusCode === 429) {
    const isQuotaExceeded = name.endsWith('quota_exceeded');
    const reason = isQuotaExceeded ? QUOTA_EXCEEDED : describeRateLimited('Resend');
    return { ok: false, retry: true, reason, ...parseRetryAfter(retryAfter) };
  }
  if (name.endsWith('_api_key') || statusCode === 401) {
    return createTemporaryFailure('Resend rejected the API key. Check RESEND_API_KEY.');
  }
  if (statusCode === 403 || name === 'invalid_from_address' || message.includes('`from`')) {
    return createTemporaryFailure(
      'Resend rejected the sender. Check EMAIL_FROM, and that its domain is verified with Resend.',
    );
  }
  if (statusCode === 400 || statusCode === 422) {
    if (message.includes('`to`'))
      return createPermanentFailure('Resend rejected the email address as invalid.');
    return createPermanentFailure('Resend rejected the email as invalid.');
  }
  if (statusCode === 451) return createPermanentFailure('Resend blocked the email for security reasons.');
  if (statusCode === null) return createTemporaryFailure(describeUnreachable('Resend'));
  return createTemporaryFailure(describeErrorResponse('Resend', statusCode));
}

/**
 * Sends an email by Resend. The message's id is the idempotency key, so a retry within 24 hours sends no duplicate.
 * Open and click tracking is a setting of the domain at Resend, off by default (`docs/how-to/set-up-email-and-sms.md`).
 *
 * @param timeoutMs limit for the request and the response; the SDK has no timeout
 */
export async function sendByResend(
  account: ResendAccount,
  email: Email,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  const { apiKey, from, baseUrl } = account;
  const { id, to, subject, text, html } = email;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const resend = new Resend(apiKey, baseUrl ? { baseUrl } : {});
    // Without X-Entity-Ref-ID, Gmail threads the email after a reset with the earlier one and hides the common parts.
    const headers = { 'X-Entity-Ref-ID': id };
    const tags = [{ name: MESSAGE_TAG, value: id }];
    const response = await resend.emails.send(
      { from, to, subject, text, html, headers, tags },
      { idempotencyKey: id, signal },
    );
    const accepted = acceptedSchema.safeParse(response.data);
    if (accepted.success) return { ok: true, provider: 'resend', providerId: accepted.data.id };
    if (signal.aborted) return createTemporaryFailure(describeTimeout('Resend', timeoutMs));
    return parseFailure(failureSchema.parse(response.error), response.headers?.['retry-after']);
  } catch {
    // The SDK throws only if the API key is not a valid header value. The error's message would contain the key.
    return createTemporaryFailure('RESEND_API_KEY isn’t a valid API key. Check it.');
  }
}
