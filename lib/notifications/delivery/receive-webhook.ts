import { sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { webhookReceipts } from '#db/schema/delivery-reports.ts';
import { withTransaction } from '#db/with-transaction.ts';
import {
  type ResendWebhook,
  readResendWebhook,
  webhookHeaders,
} from '#lib/notifications/providers/resend-webhook.ts';
import { recordReport } from './record-report.ts';

/** Bytes. An event has some two kilobytes. */
const LARGEST_BODY = 64 * 1024;

/** A body as it came, in UTF-8; null where it is too large, of which no more is read than that. */
async function readBody({ body }: Pick<Request, 'body'>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Notes that a call came, with the time that it was signed at. Resend signs anew whenever it sends an event again, so
 * one that is not newer than what is known was played back by somebody else.
 */
async function isNew(transaction: Transaction, { id, signedAt }: ResendWebhook): Promise<boolean> {
  const rows = await transaction
    .insert(webhookReceipts)
    .values({ id, signedAt })
    .onConflictDoUpdate({
      target: webhookReceipts.id,
      set: { signedAt: sql`excluded.signed_at`, receivedAt: sql`now()` },
      setWhere: sql`${webhookReceipts.signedAt} < excluded.signed_at`,
    })
    .returning({ id: webhookReceipts.id });
  return rows.length > 0;
}

/** @returns false where it was played back; then nothing has changed */
function take(database: Database, webhook: ResendWebhook): Promise<boolean> {
  return withTransaction(database, async (transaction) => {
    if (!(await isNew(transaction, webhook))) return false;
    if (webhook.report) {
      const { messageId, emailId, outcome } = webhook.report;
      const subject = { messageId, provider: 'resend', providerId: emailId } as const;
      await recordReport(transaction, subject, outcome, `resend:${webhook.id}`);
    }
    return true;
  });
}

/**
 * Takes a call of Resend's about an email. Everything that can be told without the database is refused without it.
 *
 * @param secret of the webhook; null: there is none
 * @returns the status to answer with. 200 also for what is of no interest here: emails of others at the same
 *   account, and kinds of events that are not shown
 * @throws when the database cannot be asked; Resend then sends again
 */
export async function receiveWebhook(
  database: Database,
  secret: string | null,
  request: Pick<Request, 'headers' | 'body'>,
): Promise<200 | 400 | 401 | 404 | 409 | 413 | 415> {
  if (secret === null) return 404;
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 415;
  const headers = webhookHeaders(request);
  if (!headers) return 401;
  const body = await readBody(request);
  if (body === null) return 413;
  const read = readResendWebhook(secret, headers, body);
  if (!read.ok) return read.reason === 'unsigned' ? 401 : 400;
  return (await take(database, read.webhook)) ? 200 : 409;
}
