import { Resend } from 'resend';
import { z } from 'zod';
import type { Outcome } from './outcome.ts';
import { MESSAGE_TAG } from './resend.ts';

/** A call of Resend's that is really Resend's. */
export type ResendWebhook = {
  /** The same whenever Resend sends the same event. */
  id: string;
  /** New whenever Resend sends it again. */
  signedAt: Date;
  /** What became of which email; null where it is about something else. */
  report: { messageId: string | null; emailId: string | null; outcome: Outcome } | null;
};

const headersSchema = z.object({
  id: z.string().regex(/^[\w.-]{1,200}$/),
  // Whole seconds, and nothing after them, which the SDK would overlook.
  timestamp: z.string().regex(/^\d{1,11}$/),
  signature: z.string().min(1).max(1_000),
});
export type WebhookHeaders = z.infer<typeof headersSchema>;

/** The headers that a call has to have; null where it cannot be Resend's. */
export function webhookHeaders({ headers }: Pick<Request, 'headers'>): WebhookHeaders | null {
  const [id, timestamp, signature] = ['svix-id', 'svix-timestamp', 'svix-signature'].map((name) =>
    headers.get(name),
  );
  return headersSchema.safeParse({ id, timestamp, signature }).data ?? null;
}

const textOrNone = z.string().catch('');
/** Pairs by the SDK's types, a list by older documentation. */
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
  created_at: textOrNone,
  data: z
    .object({
      email_id: textOrNone,
      tags: tagsSchema,
      bounce: z.object({ type: textOrNone, subType: textOrNone }).catch({ type: '', subType: '' }),
      failed: z.object({ reason: textOrNone }).catch({ reason: '' }),
    })
    .catch({ email_id: '', tags: {}, bounce: { type: '', subType: '' }, failed: { reason: '' } }),
});
type Event = z.infer<typeof eventSchema>;

const SUPPRESSED =
  'Resend does not send to this address any more: earlier emails bounced, or were marked as spam.';
const BOUNCES = new Map([
  ['MailboxFull', 'The mailbox is full.'],
  ['MessageTooLarge', 'The mail server of this address found the email too large.'],
  ['ContentRejected', 'The mail server of this address refused the email for what is in it.'],
  ['AttachmentRejected', 'The mail server of this address refused the email for what is in it.'],
  ['Suppressed', SUPPRESSED],
  ['OnAccountSuppressionList', SUPPRESSED],
]);

/** Resend's kinds of bounces: https://resend.com/docs/dashboard/emails/email-bounces. */
function explainBounce({ type, subType }: Event['data']['bounce']): string {
  const known = BOUNCES.get(subType);
  if (known) return known;
  if (type === 'Permanent')
    return 'The mail server of this address refused the email for good: the address may be wrong.';
  if (type === 'Transient')
    return 'The mail server of this address could not take the email; it may another time.';
  return 'The email came back, and the mail server of this address did not say why.';
}

function explain({ type, data }: Event): Pick<Outcome, 'kind' | 'reason'> | null {
  switch (type) {
    case 'email.delivered':
      return { kind: 'delivered', reason: null };
    case 'email.delivery_delayed':
      return {
        kind: 'delayed',
        reason: 'The mail server of this address has not taken the email yet; Resend goes on trying.',
      };
    case 'email.bounced':
      return { kind: 'bounced', reason: explainBounce(data.bounce) };
    case 'email.complained':
      return { kind: 'complained', reason: 'The recipient marked the email as spam.' };
    case 'email.suppressed':
      return { kind: 'failed', reason: SUPPRESSED };
    case 'email.failed': {
      const quota = /quota/i.test(data.failed.reason);
      return {
        kind: 'failed',
        reason: quota ? 'The quota of emails at Resend is used up.' : 'Resend could not send the email.',
      };
    }
    default:
      return null;
  }
}

/** A moment that a database can hold, or else `instead`. */
function momentOf(text: string, instead: Date): Date {
  const moment = new Date(text);
  return moment.getTime() >= 0 && moment.getUTCFullYear() <= 9_999 ? moment : instead;
}

/**
 * Reads a call of Resend's, once the SDK has found that Resend has signed it within the last five minutes (and not
 * more than five minutes in the future, should clocks differ).
 *
 * @param secret the webhook's own, `whsec_…`
 * @param body as it came: the signature is over its bytes
 */
export function readResendWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string,
): { ok: true; webhook: ResendWebhook } | { ok: false; reason: 'unsigned' | 'malformed' } {
  let content: unknown;
  try {
    // The API key is not used: checking a signature asks nobody.
    content = new Resend('unused').webhooks.verify({ payload: body, headers, webhookSecret: secret });
  } catch (error) {
    // The SDK parses the body once the signature is right.
    return { ok: false, reason: error instanceof SyntaxError ? 'malformed' : 'unsigned' };
  }
  const event = eventSchema.safeParse(content).data;
  if (!event) return { ok: false, reason: 'malformed' };
  const signedAt = new Date(Number(headers.timestamp) * 1_000);
  const explained = explain(event);
  const { tags, email_id } = event.data;
  const report = explained && {
    messageId: z.uuid().safeParse(tags[MESSAGE_TAG]).data ?? null,
    emailId: /^[\w-]{1,100}$/.test(email_id) ? email_id : null,
    outcome: { ...explained, at: momentOf(event.created_at, signedAt) },
  };
  return { ok: true, webhook: { id: headers.id, signedAt, report } };
}
