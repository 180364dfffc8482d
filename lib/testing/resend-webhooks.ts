import { createHmac } from 'node:crypto';

/** A signing secret as Resend shows it; for tests only. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('for tests only: 24 bytes').toString('base64')}`;

/** Seconds since 1970, moved by so many. */
export const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** The headers of Resend's calls, signed by hand as https://www.standardwebhooks.com has it. */
export function signedHeaders(
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

/** An event about an email, as Resend sends it. */
export function resendEvent(
  type: string,
  fields: { emailId?: string; tags?: unknown; at?: string; more?: object } = {},
): string {
  const {
    emailId = '56761188-7520-42d8-8898-ff6fc54ce618',
    tags,
    at = new Date().toISOString(),
    more,
  } = fields;
  const data = {
    created_at: at,
    email_id: emailId,
    message_id: '<111-222-333@email.example.com>',
    from: 'Acme <access@acme.example>',
    to: ['ops@integrator.example'],
    subject: 'Your API key',
    ...(tags === undefined ? {} : { tags }),
    ...more,
  };
  return JSON.stringify({ type, created_at: at, data });
}
