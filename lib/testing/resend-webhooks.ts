import { createHmac } from 'node:crypto';

/** A signing secret in Resend's format. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('for tests only: 24 bytes').toString('base64')}`;

/** Returns the Unix timestamp (in seconds) of a time that is this many seconds from now. */
export const getTimestampFromNow = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** Creates the headers of a webhook call by Resend, with a signature according to https://www.standardwebhooks.com. */
export function createSignedHeaders(
  { id, timestamp, body }: { id: string; timestamp: number | string; body: string },
  secret = WEBHOOK_SECRET,
): Record<string, string> {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(timestamp),
    'svix-signature': `v1,${signature}`,
  };
}

/** Creates the body of a webhook call by Resend about an email. */
export function createResendEvent(
  type: string,
  fields: { emailId?: string; tags?: unknown; at?: string; otherData?: object } = {},
): string {
  const {
    emailId = '56761188-7520-42d8-8898-ff6fc54ce618',
    tags,
    at = new Date().toISOString(),
    otherData,
  } = fields;
  const data = {
    created_at: at,
    email_id: emailId,
    message_id: '<111-222-333@email.example.com>',
    from: 'Acme <access@acme.example>',
    to: ['ops@integrator.example'],
    subject: 'Your API key',
    ...(tags === undefined ? {} : { tags }),
    ...otherData,
  };
  return JSON.stringify({ type, created_at: at, data });
}
