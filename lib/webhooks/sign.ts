import { Webhook } from 'standardwebhooks';

/** Builds the headers of a request, except the signature. Standard Webhooks has the time in seconds. */
export const buildHeaders = (eventId: string, at: Date): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Stagedoor-Webhooks/1',
  'webhook-id': eventId,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
});

/** Signs a request with each secret: Standard Webhooks allows several signatures, separated by spaces. */
export const signWebhook = (secrets: string[], eventId: string, at: Date, body: string) =>
  secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' ');
