/** An email, ready to be handed to a provider. `id` is a UUID: the same id is the same message, whatever is tried. */
export type Email = { id: string; to: string; subject: string; text: string; html: string };

/** A text message. `to` is a phone number in E.164 form; `id` as for an email. */
export type Text = { id: string; to: string; text: string };

/**
 * What a provider made of a message. `ok` means accepted, not delivered. `reason` is a sentence for an
 * administrator; it names no address, phone number or secret, so it may be stored and logged.
 */
export type Sent =
  | { ok: true; provider: 'resend' | 'smtp' | 'sns' | 'twilio' | 'outbox'; providerId: string | null }
  | {
      ok: false;
      retry: boolean;
      reason: string;
      /** Not to be tried again sooner. */
      retryAfterSeconds?: number;
      /**
       * Nobody knows whether the message was taken: the provider may have it, and did not say. Only of a provider
       * that would not know the same message again (by an idempotency key, say), for it bounds how often it is sent.
       */
      unanswered?: true;
    };

/** How long a provider may take to answer, in milliseconds. */
export const RESPONSE_TIMEOUT_MS = 5_000;

/** What goes wrong before a connection stands: the name's look-up, the connection itself, its certificate. */
const BEFORE_IT_STANDS =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|ERR_INVALID_URL)$/;

/** Whether an exchange that failed with this error never began: so the provider cannot have taken the message. */
export function failedBeforeSending(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && BEFORE_IT_STANDS.test(cause.code)) return true;
  }
  return false;
}

/** A provider that asks for more patience than this, in seconds, is asked again all the same. */
const LONGEST_WAIT = 3_600;

/**
 * Reads a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3).
 * @returns whole seconds from 1 to 3,600, as a part of `Sent`; nothing where the header says nothing of use
 */
export function retryAfter(header: string | undefined, now = new Date()): { retryAfterSeconds?: number } {
  if (!header) return {};
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.getTime()) / 1_000;
  if (Number.isNaN(seconds)) return {};
  return { retryAfterSeconds: Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_WAIT) };
}
