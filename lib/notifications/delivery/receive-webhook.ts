import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import {
  parseResendHeaders,
  parseResendWebhook,
  type ResendWebhook,
} from '#lib/notifications/providers/resend-webhook.ts';
import { recordReport } from './record-report.ts';
import { recordReceipt } from './webhook-receipts.ts';

/** An event has about two kilobytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Reads a body as UTF-8. Stops reading and returns null if the body is too large. */
async function readBody({ body }: Pick<Request, 'body'>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Records a webhook and its delivery report. Returns false, and changes nothing, for a replay. */
function recordWebhook(database: Database, webhook: ResendWebhook): Promise<boolean> {
  return withTransaction(database, async (transaction) => {
    if (!(await recordReceipt(transaction, webhook))) return false;
    if (webhook.report) {
      const { messageId, emailId, outcome } = webhook.report;
      const message = { messageId, provider: 'resend', providerId: emailId } as const;
      await recordReport(transaction, message, outcome, `resend:${webhook.id}`);
    }
    return true;
  });
}

/**
 * Handles a webhook of Resend. Rejects invalid requests without a database query.
 *
 * @param secret the webhook's signing secret; null if none is configured
 * @returns the HTTP status. It is 200 also for ignored events: other emails of the same Resend account, and event types
 *   that Stagedoor does not process
 * @throws if the database cannot be queried; Resend then retries
 */
export async function receiveWebhook(
  database: Database,
  secret: string | null,
  request: Pick<Request, 'headers' | 'body'>,
): Promise<200 | 400 | 401 | 404 | 409 | 413 | 415> {
  if (secret === null) return 404;
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 415;
  const headers = parseResendHeaders(request);
  if (!headers) return 401;
  const body = await readBody(request);
  if (body === null) return 413;
  const result = parseResendWebhook(secret, headers, body);
  if (!result.ok) return result.reason === 'invalid_signature' ? 401 : 400;
  return (await recordWebhook(database, result.webhook)) ? 200 : 409;
}
