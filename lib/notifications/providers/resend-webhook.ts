import { Resend } from 'resend';
import { z } from 'zod';
import type { DeliveryOutcome } from './outcome.ts';
import { MESSAGE_TAG, QUOTA_EXCEEDED } from './resend.ts';

/** A webhook with a valid signature of Resend. */
export type ResendWebhook = {
  /** The same for each retry of an event. */
  id: string;
  /** Later with each retry. */
  signedAt: Date;
  /**
   * The delivery outcome of an email; null for an event of any other type. `messageId`: our id, from the email's tag.
   * `emailId`: the id at Resend. Each is null if it is missing or malformed.
   */
  report: { messageId: string | null; emailId: string | null; outcome: DeliveryOutcome } | null;
};

const headersSchema = z.object({
  id: z.string().regex(/^[\w.-]{1,200}$/),
  // Only digits: the SDK would ignore trailing characters.
  timestamp: z.string().regex(/^\d{1,11}$/),
  signature: z.string().min(1).max(1_000),
});
export type ResendHeaders = z.infer<typeof headersSchema>;

/** Parses the signature headers. Returns null if one is missing or malformed. */
export function parseResendHeaders({ headers }: Pick<Request, 'headers'>): ResendHeaders | null {
  const [id, timestamp, signature] = ['svix-id', 'svix-timestamp', 'svix-signature'].map((name) =>
    headers.get(name),
  );
  return headersSchema.safeParse({ id, timestamp, signature }).data ?? null;
}

const optionalString = z.string().catch('');
/** Resend's tags are an object in the SDK's types, and an array in older documentation. */
const tagsSchema = z
  .union([
    z.record(z.string(), z.string()),
    z
      .array(z.object({ name: z.string(), value: z.string() }))
      .transform((tags) => Object.fromEntries(tags.map(({ name, value }) => [name, value]))),
  ])
  .catch({});
const eventSchema = z.object({
  type: z.string(),
  created_at: optionalString,
  data: z
    .object({
      email_id: optionalString,
      tags: tagsSchema,
      bounce: z.object({ type: optionalString, subType: optionalString }).catch({ type: '', subType: '' }),
      failed: z.object({ reason: optionalString }).catch({ reason: '' }),
    })
    .catch({ email_id: '', tags: {}, bounce: { type: '', subType: '' }, failed: { reason: '' } }),
});
type ResendEvent = z.infer<typeof eventSchema>;

const SUPPRESSED_REASON =
  'Resend no longer sends to this address, because earlier emails bounced or were marked as spam.';
const CONTENT_REJECTED = 'The recipient’s mail server rejected the content.';
const BOUNCE_REASONS = new Map([
  ['MailboxFull', 'The mailbox is full.'],
  ['MessageTooLarge', 'The recipient’s mail server said the email was too big.'],
  ['ContentRejected', CONTENT_REJECTED],
  ['AttachmentRejected', CONTENT_REJECTED],
  ['Suppressed', SUPPRESSED_REASON],
  ['OnAccountSuppressionList', SUPPRESSED_REASON],
]);

/** Describes a bounce by Resend's types: https://resend.com/docs/dashboard/emails/email-bounces. */
function describeBounce({ type, subType }: ResendEvent['data']['bounce']): string {
  const reason = BOUNCE_REASONS.get(subType);
  if (reason) return reason;
  if (type === 'Permanent') return 'The recipient’s mail server rejected the address; it may be wrong.';
  if (type === 'Transient') return 'The recipient’s mail server couldn’t accept the email this time.';
  return 'The recipient’s mail server didn’t say why.';
}

/** Parses the outcome of a delivery. Returns null if the type of the event is not one of the types below. */
function parseOutcome({ type, data }: ResendEvent): Pick<DeliveryOutcome, 'kind' | 'reason'> | null {
  switch (type) {
    case 'email.delivered':
      return { kind: 'delivered', reason: null };
    case 'email.delivery_delayed':
      return {
        kind: 'delayed',
        reason: 'The recipient’s mail server hasn’t accepted the email yet.',
      };
    case 'email.bounced':
      return { kind: 'bounced', reason: describeBounce(data.bounce) };
    case 'email.complained':
      return { kind: 'complained', reason: 'The recipient marked the email as spam.' };
    case 'email.suppressed':
      return { kind: 'failed', reason: SUPPRESSED_REASON };
    case 'email.failed': {
      const isQuotaExceeded = /quota/i.test(data.failed.reason);
      return {
        kind: 'failed',
        reason: isQuotaExceeded ? QUOTA_EXCEEDED : 'Resend couldn’t send the email.',
      };
    }
    default:
      return null;
  }
}

/** Parses a time. Returns `fallback` if it is malformed or not within the years 1970 to 9999. */
function parseTime(value: string, fallback: Date): Date {
  const time = new Date(value);
  return time.getTime() >= 0 && time.getUTCFullYear() <= 9_999 ? time : fallback;
}

/**
 * Verifies and parses a webhook. The SDK checks the signature, and that its timestamp is within five minutes of now.
 *
 * @param secret the webhook's signing secret, `whsec_…`
 * @param body the raw body, which the signature covers
 */
export function parseResendWebhook(
  secret: string,
  headers: ResendHeaders,
  body: string,
): { ok: true; webhook: ResendWebhook } | { ok: false; reason: 'invalid_signature' | 'malformed' } {
  let content: unknown;
  try {
    // The SDK requires an API key but does not use it here.
    content = new Resend('unused').webhooks.verify({ payload: body, headers, webhookSecret: secret });
  } catch (error) {
    // The SDK parses the body only after it has verified the signature.
    return { ok: false, reason: error instanceof SyntaxError ? 'malformed' : 'invalid_signature' };
  }
  const event = eventSchema.safeParse(content).data;
  if (!event) return { ok: false, reason: 'malformed' };
  const signedAt = new Date(Number(headers.timestamp) * 1_000);
  const outcome = parseOutcome(event);
  const { tags, email_id } = event.data;
  const report = outcome && {
    messageId: z.uuid().safeParse(tags[MESSAGE_TAG]).data ?? null,
    emailId: /^[\w-]{1,100}$/.test(email_id) ? email_id : null,
    outcome: { ...outcome, at: parseTime(event.created_at, signedAt) },
  };
  return { ok: true, webhook: { id: headers.id, signedAt, report } };
}
