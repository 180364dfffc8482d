import { Resend } from 'resend';
import { z } from 'zod';
import { type Email, RESPONSE_TIMEOUT_MS, retryAfter, type Sent } from './sent.ts';

/** `baseUrl` is for tests; without it the SDK takes RESEND_BASE_URL, else https://api.resend.com. */
export type ResendAccount = { apiKey: string; from: string; baseUrl?: string };

/** Under this name an email carries its message's id, and Resend's webhook calls about it do. */
export const MESSAGE_TAG = 'message_id';

/** The SDK hands on whatever JSON stood in an error's answer, so none of it is taken for granted. */
const failureSchema = z
  .object({
    name: z.string().catch(''),
    statusCode: z.number().nullable().catch(null),
    message: z.string().catch(''),
  })
  .catch({ name: '', statusCode: null, message: '' });

const acceptedSchema = z.object({ id: z.string().min(1) });

const tryAgain = (reason: string): Sent => ({ ok: false, retry: true, reason });
const abandon = (reason: string): Sent => ({ ok: false, retry: false, reason });

/** Resend's errors: https://resend.com/docs/api-reference/errors. Its own words may hold an address: not passed on. */
function explain(
  { name, statusCode, message }: z.infer<typeof failureSchema>,
  waitFor: string | undefined,
): Sent {
  // The key was used before with other bytes (another version of our template): that email is on its way.
  if (name === 'invalid_idempotent_request') return { ok: true, provider: 'resend', providerId: null };
  if (statusCode === 409) return tryAgain('Resend is still busy with an earlier attempt at this email.');
  if (statusCode === 429) {
    const quota = name.endsWith('quota_exceeded');
    const reason = quota ? 'The quota of emails at Resend is used up.' : 'Resend asks to send more slowly.';
    return { ok: false, retry: true, reason, ...retryAfter(waitFor) };
  }
  if (name.endsWith('_api_key') || statusCode === 401) {
    return tryAgain('Resend refused the API key: check RESEND_API_KEY.');
  }
  if (statusCode === 403 || name === 'invalid_from_address' || message.includes('`from`')) {
    return tryAgain(
      'Resend refused the sender: check EMAIL_FROM, and that its domain is verified at Resend.',
    );
  }
  if (statusCode === 400 || statusCode === 422) {
    if (message.includes('`to`')) return abandon('Resend refused the email address as invalid.');
    return abandon('Resend refused the email as invalid.');
  }
  if (statusCode === 451) return abandon('Resend refused the email for reasons of security.');
  if (statusCode === null) return tryAgain('Resend could not be reached, or its answer made no sense.');
  return tryAgain(`Resend answered with an error (${statusCode}).`);
}

/**
 * Hands an email to Resend. The message's id is the idempotency key, so that for 24 hours a second attempt
 * sends nothing twice. Tracking of opens and clicks cannot be set for one email: it is a setting of the domain
 * at Resend, off by default (`docs/messages.md`).
 *
 * @param deadline milliseconds for the whole exchange; the SDK itself would wait for ever
 */
export async function sendByResend(
  account: ResendAccount,
  email: Email,
  deadline = RESPONSE_TIMEOUT_MS,
): Promise<Sent> {
  const { apiKey, from, baseUrl } = account;
  const { id, to, subject, text, html } = email;
  const signal = AbortSignal.timeout(deadline);
  try {
    const resend = new Resend(apiKey, baseUrl ? { baseUrl } : {});
    // X-Entity-Ref-ID: without it Gmail folds the email after a reset into the earlier one, and hides what is alike.
    const headers = { 'X-Entity-Ref-ID': id };
    const tags = [{ name: MESSAGE_TAG, value: id }];
    const answer = await resend.emails.send(
      { from, to, subject, text, html, headers, tags },
      { idempotencyKey: id, signal },
    );
    const accepted = acceptedSchema.safeParse(answer.data);
    if (accepted.success) return { ok: true, provider: 'resend', providerId: accepted.data.id };
    if (signal.aborted) return tryAgain(`Resend did not answer within ${deadline / 1_000} seconds.`);
    return explain(failureSchema.parse(answer.error), answer.headers?.['retry-after']);
  } catch {
    // The SDK throws only where the API key cannot stand in a header, and its words then repeat the key.
    return tryAgain('Resend cannot be asked with this API key: check RESEND_API_KEY.');
  }
}
