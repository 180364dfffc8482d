import { and, asc, eq, exists, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { webhookDeliveries, webhookEndpoints } from '#db/schema/webhooks.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueWebhook } from '#lib/notifications/queue/queue-webhook.ts';

/** How many deliveries of an endpoint are attempted at a time: fewer if it fails, because it may be slow to do so. */
const CONCURRENCY = { healthy: 4, failing: 1 };
/** How long an event waits for earlier ones of its account that fail. After that, the order is lost. */
const ORDERED_MINUTES = 15;
/** After which a job that no worker has begun is queued again. */
const QUEUED_SECONDS = 60;

const isPending = eq(webhookDeliveries.state, 'pending');
const isReceiving = or(isNull(webhookEndpoints.disabledAt), eq(webhookDeliveries.isTest, true));
/** Whether no job for the delivery is queued or running. */
const isFree = sql`coalesce(greatest(${webhookDeliveries.queuedUntil}, ${webhookDeliveries.attemptUntil}) <= now(), true)`;
const isDue = and(isPending, lte(webhookDeliveries.nextAttemptAt, sql`now()`), isFree);

const earlier = alias(webhookDeliveries, 'earlier');
/** Whether the delivery waits for an earlier one of the same account. */
const isWaiting: SQL = sql`exists (select 1 from ${webhookDeliveries} "earlier"
  where ${earlier.endpointId} = ${webhookDeliveries.endpointId}
    and ${earlier.orderedByAccount} = ${webhookDeliveries.orderedByAccount}
    and ${earlier.state} = 'pending'
    and (${earlier.recordedAt}, ${earlier.id}) < (${webhookDeliveries.recordedAt}, ${webhookDeliveries.id})
    and ${earlier.windowStartedAt} > now() - make_interval(mins => ${ORDERED_MINUTES}))`;

/** Finds the endpoints with deliveries that are due. */
const findEndpoints = (database: Database) =>
  database
    .select({ id: webhookEndpoints.id })
    .from(webhookEndpoints)
    .where(
      exists(
        database
          .select({ id: webhookDeliveries.id })
          .from(webhookDeliveries)
          .where(and(eq(webhookDeliveries.endpointId, webhookEndpoints.id), isDue, isReceiving)),
      ),
    );

/** Locks the endpoint, so that its deliveries are dispatched once, and counts how many more may be attempted now. */
async function lockCapacity(transaction: Transaction, endpointId: string): Promise<number> {
  const [endpoint] = await transaction
    .select({ failingSince: webhookEndpoints.failingSince })
    .from(webhookEndpoints)
    .where(eq(webhookEndpoints.id, endpointId))
    .for('no key update');
  if (!endpoint) return 0;
  // The predicate of the partial index, which has few rows.
  const hasJob = or(isNotNull(webhookDeliveries.queuedUntil), isNotNull(webhookDeliveries.attemptUntil));
  const isBusy = and(eq(webhookDeliveries.endpointId, endpointId), hasJob, sql`not ${isFree}`);
  const busy = await transaction.$count(webhookDeliveries, isBusy);
  return Math.max(0, CONCURRENCY[endpoint.failingSince ? 'failing' : 'healthy'] - busy);
}

/** Queues jobs for deliveries of an endpoint that are due. */
async function dispatchEndpoint(transaction: Transaction, queue: PgBoss, endpointId: string): Promise<void> {
  const capacity = await lockCapacity(transaction, endpointId);
  if (capacity === 0) return;
  const due = await transaction
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.endpointId))
    .where(and(eq(webhookDeliveries.endpointId, endpointId), isDue, isReceiving, sql`not ${isWaiting}`))
    .orderBy(asc(webhookDeliveries.nextAttemptAt), asc(webhookDeliveries.recordedAt))
    .limit(capacity)
    .for('update', { of: webhookDeliveries, skipLocked: true });
  for (const { id } of due) {
    await transaction
      .update(webhookDeliveries)
      .set({ queuedUntil: sql`now() + make_interval(secs => ${QUEUED_SECONDS})` })
      .where(eq(webhookDeliveries.id, id));
    await queueWebhook(transaction, queue, { deliveryId: id });
  }
}

/**
 * Queues a job for each delivery that is due: those of an account in their order, and only a few per endpoint at a time, so
 * that a slow one does not delay the others. The rows decide what is due, so no delivery is lost with its job.
 */
export async function dispatchWebhooks(database: Database, queue: PgBoss): Promise<void> {
  for (const { id } of await findEndpoints(database))
    await withTransaction(database, (transaction) => dispatchEndpoint(transaction, queue, id));
}
