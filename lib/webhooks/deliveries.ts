import { and, asc, desc, eq, lt, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Queryable } from '#db/client.ts';
import { webhookAttempts, webhookDeliveries, webhookEvents } from '#db/schema/webhooks.ts';
import { buildBody } from './build-body.ts';
import type { WebhookReader } from './list.ts';
import { findMissingScope, type ScopeRequired } from './required-scope.ts';
import type { WebhookAttemptDetails, WebhookDeliveryDetails, WebhookDeliveryState } from './schema.ts';
import { buildHeaders } from './sign.ts';

/** A cursor of `listWebhookDeliveries`: the id of the last delivery of the previous page. */
export const webhookDeliveryCursorSchema = z.uuid({ error: 'Send the nextCursor of the previous page.' });

type WebhookDeliveryQuery = {
  endpointId: string;
  state?: WebhookDeliveryState | undefined;
  limit: number;
  cursor?: string | undefined;
};

const selectDeliveries = (database: Queryable, condition: SQL | undefined) =>
  database
    .select({
      id: webhookDeliveries.id,
      endpointId: webhookDeliveries.endpointId,
      eventId: webhookDeliveries.eventId,
      type: webhookEvents.type,
      createdAt: webhookDeliveries.createdAt,
      state: webhookDeliveries.state,
      attempts: webhookDeliveries.attempts,
      nextAttemptAt: webhookDeliveries.nextAttemptAt,
      isTest: webhookDeliveries.isTest,
    })
    .from(webhookDeliveries)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookDeliveries.eventId))
    .where(condition)
    .$dynamic();

/** Lists a page of an endpoint's deliveries, newest first. They are kept for 30 days. */
export async function listWebhookDeliveries(
  database: Queryable,
  _reader: WebhookReader,
  { endpointId, state, limit, cursor }: WebhookDeliveryQuery,
): Promise<{ data: WebhookDeliveryDetails[]; nextCursor: string | null }> {
  const condition = and(
    eq(webhookDeliveries.endpointId, endpointId),
    state && eq(webhookDeliveries.state, state),
    cursor === undefined ? undefined : lt(webhookDeliveries.id, cursor),
  );
  const rows = await selectDeliveries(database, condition)
    .orderBy(desc(webhookDeliveries.id))
    .limit(limit + 1);
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}

export type ReadWebhookDeliveryResult =
  | { ok: true; delivery: WebhookDeliveryDetails; attempts: WebhookAttemptDetails[] }
  | { ok: false; reason: 'not_found' }
  | ScopeRequired;

/** Reads a delivery with its attempts, oldest first. Not the signatures, which are not stored. */
export async function readWebhookDelivery(
  database: Queryable,
  reader: WebhookReader,
  id: string,
): Promise<ReadWebhookDeliveryResult> {
  const [delivery] = await selectDeliveries(database, eq(webhookDeliveries.id, id));
  if (!delivery) return { ok: false, reason: 'not_found' };
  const missingScope = 'userId' in reader ? null : findMissingScope(reader, [delivery.type]);
  if (missingScope) return missingScope;
  const requestBody = await buildBody(database, delivery.eventId);
  const rows = await database
    .select({
      id: webhookAttempts.id,
      at: webhookAttempts.at,
      durationMs: webhookAttempts.durationMs,
      status: webhookAttempts.status,
      responseHeaders: webhookAttempts.responseHeaders,
      responseBody: webhookAttempts.responseBody,
      error: webhookAttempts.error,
    })
    .from(webhookAttempts)
    .where(eq(webhookAttempts.deliveryId, id))
    .orderBy(asc(webhookAttempts.at), asc(webhookAttempts.id));
  const attempts = rows.map((row) => ({
    ...row,
    requestHeaders: buildHeaders(delivery.eventId, row.at),
    requestBody,
  }));
  return { ok: true, delivery, attempts };
}
