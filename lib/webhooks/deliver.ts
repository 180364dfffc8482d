import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { beginAttempt, recordResponse } from './attempt.ts';
import { buildBody } from './build-body.ts';
import { postWebhook, type WebhookResponse } from './post.ts';
import { decryptWebhookSecret } from './secret.ts';
import { buildHeaders, signWebhook } from './sign.ts';
import { findUrlProblem } from './url-policy.ts';

/** Reads the URL of an endpoint, and the secrets that sign: also the previous one, until it expires. */
async function readTarget(
  database: Database,
  id: string,
): Promise<{ url: string; secrets: string[] } | null> {
  const [endpoint] = await database
    .select({
      url: webhookEndpoints.url,
      secret: webhookEndpoints.secret,
      previousSecret: webhookEndpoints.previousSecret,
      isPreviousValid: sql<boolean>`coalesce(${webhookEndpoints.previousSecretExpiresAt} > now(), false)`,
    })
    .from(webhookEndpoints)
    .where(eq(webhookEndpoints.id, id));
  if (!endpoint) return null;
  const { url, secret, previousSecret, isPreviousValid } = endpoint;
  const sealed = [secret, ...(previousSecret && isPreviousValid ? [previousSecret] : [])];
  return { url, secrets: sealed.flatMap((one) => decryptWebhookSecret(id, one) ?? []) };
}

const fail = (error: string): WebhookResponse => ({
  durationMs: 0,
  status: null,
  responseHeaders: {},
  responseBody: '',
  error,
});

/**
 * Makes one attempt to deliver an event to an endpoint, and records the result.
 * @param deadlineMs replaced in tests
 * @throws if the database cannot be reached; the delivery is then attempted again
 */
export async function deliverWebhook(
  database: Database,
  queue: PgBoss,
  deliveryId: string,
  deadlineMs?: number,
): Promise<void> {
  const attempt = await beginAttempt(database, deliveryId);
  if (!attempt) return;
  const { eventId, at } = attempt;
  const target = await readTarget(database, attempt.endpointId);
  // The endpoint was deleted meanwhile.
  if (!target) return;
  const { url, secrets } = target;
  const problem = findUrlProblem(url);
  if (secrets.length === 0)
    return recordResponse(database, queue, attempt, fail('The secret can’t be read. Rotate it.'));
  if (problem) return recordResponse(database, queue, attempt, fail(problem));
  const body = await buildBody(database, eventId);
  const signature = signWebhook(secrets, eventId, at, body);
  const headers = { ...buildHeaders(eventId, at), 'webhook-signature': signature };
  const response = await postWebhook(url, headers, body, deadlineMs);
  await recordResponse(database, queue, attempt, response);
}
