import type { messages } from '#db/schema/messages.ts';

/** A provider of emails or SMS, as stored in `messages.provider`. */
export type Provider = NonNullable<typeof messages.$inferSelect.provider>;

/** An email for a provider. `id` is a UUID and stays the same in every attempt. */
export type Email = { id: string; to: string; subject: string; text: string; html: string };

/** An SMS for a provider. `id` is a UUID and stays the same in every attempt. `to` is a phone number in E.164. */
export type Sms = { id: string; to: string; text: string };

/**
 * The result of an attempt to send a message. `ok` means accepted by the provider, not delivered. `reason` is shown to
 * administrators. It contains no address, phone number or secret, so it may be stored and logged.
 */
export type SendResult =
  | { ok: true; provider: Provider; providerId: string | null }
  | {
      ok: false;
      retry: boolean;
      reason: string;
      /** Minimum delay before the next attempt. */
      retryAfterSeconds?: number;
      /**
       * Set if it is unknown whether the provider accepted the message, and if a retry could send it twice, because the
       * provider has no idempotency keys. Such attempts are retried less often (`retry-schedule.ts`).
       */
      isUnanswered?: true;
    };

/** How long a provider may take to respond. */
export const RESPONSE_TIMEOUT_MS = 5_000;

/** Creates the result of a failure that a retry may resolve, perhaps after an administrator corrects a setting. */
export const createTemporaryFailure = (reason: string) => ({ ok: false, retry: true, reason }) as const;

/** Creates the result of a failure that no retry can resolve. */
export const createPermanentFailure = (reason: string) => ({ ok: false, retry: false, reason }) as const;

/** Codes of errors before a request is sent: invalid URL, DNS lookup, TCP connection, TLS certificate. */
const CONNECTION_ERROR =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|ERR_INVALID_URL)$/;

/** Checks whether a request failed before it was sent, so that the provider cannot have accepted the message. */
export function failedBeforeSending(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && CONNECTION_ERROR.test(cause.code)) return true;
  }
  return false;
}

const MAX_RETRY_AFTER_SECONDS = 3_600;

/**
 * Parses a Retry-After header: seconds or a date (RFC 9110, section 10.2.3).
 * @returns whole seconds from 1 to 3,600, to spread into a `SendResult`; empty if the header is missing or malformed
 */
export function parseRetryAfter(
  header: string | undefined,
  now = new Date(),
): { retryAfterSeconds?: number } {
  if (!header) return {};
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.getTime()) / 1_000;
  if (Number.isNaN(seconds)) return {};
  return { retryAfterSeconds: Math.min(Math.max(Math.ceil(seconds), 1), MAX_RETRY_AFTER_SECONDS) };
}
