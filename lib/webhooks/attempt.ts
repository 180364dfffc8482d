import { and, eq, isNull, lte, or, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { webhookAttempts, webhookDeliveries, webhookEndpoints, webhookEvents } from '#db/schema/webhooks.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { disableEndpoint, FAILING_DAYS } from './disable.ts';
import { ENDED } from './end-deliveries.ts';
import type { WebhookResponse } from './post.ts';
import { calculateRetryDelay, parseRetryAfter, RETRY_HOURS } from './retry-schedule.ts';

/** Longer than an attempt takes, so that no other one of the delivery begins meanwhile. */
const LEASE_SECONDS = 30;
/** How much of the response to a successful attempt is kept. */
const MAX_SUCCESS_CHARACTERS = 4_096;

/** An attempt that has its delivery for itself until its lease ends, by the database's clock. */
export type Attempt = {
  deliveryId: string;
  endpointId: string;
  eventId: string;
  at: Date;
  leaseEndsAt: Date;
};

/** Begins an attempt. Returns null if the delivery is not due, or another attempt has the lease. */
export async function beginAttempt(database: Database, deliveryId: string): Promise<Attempt | null> {
  const [begun] = await database
    .update(webhookDeliveries)
    .set({
      attempts: sql`${webhookDeliveries.attempts} + 1`,
      attemptsInWindow: sql`${webhookDeliveries.attemptsInWindow} + 1`,
      queuedUntil: null,
      // In whole milliseconds, like a `Date`, because it identifies the attempt.
      attemptUntil: sql`date_trunc('milliseconds', now()) + make_interval(secs => ${LEASE_SECONDS})`,
    })
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookDeliveries.id, deliveryId),
        eq(webhookDeliveries.state, 'pending'),
        lte(webhookDeliveries.nextAttemptAt, sql`now()`),
        sql`coalesce(${webhookDeliveries.attemptUntil} <= now(), true)`,
        eq(webhookEndpoints.id, webhookDeliveries.endpointId),
        or(isNull(webhookEndpoints.disabledAt), eq(webhookDeliveries.isTest, true)),
      ),
    )
    .returning({
      endpointId: webhookDeliveries.endpointId,
      eventId: webhookDeliveries.eventId,
      at: sql`now()`.mapWith(webhookAttempts.at),
      attemptUntil: webhookDeliveries.attemptUntil,
    });
  if (!begun?.attemptUntil) return null;
  const { attemptUntil: leaseEndsAt, ...attempt } = begun;
  return { deliveryId, ...attempt, leaseEndsAt };
}

/**
 * Stores the response of an attempt. Locks the event, because the deletion of its account erases the responses; if the
 * account was deleted during the attempt, the response is not stored, because it may repeat contact details.
 */
async function storeResponse(
  transaction: Transaction,
  { deliveryId, eventId, at }: Attempt,
  response: WebhookResponse,
): Promise<void> {
  const [event] = await transaction
    .select({ type: webhookEvents.type, accountId: webhookEvents.accountId })
    .from(webhookEvents)
    .where(eq(webhookEvents.id, eventId))
    .for('share');
  if (!event) return;
  const isErased =
    event.accountId !== null &&
    (await transaction.$count(apiAccounts, eq(apiAccounts.id, event.accountId))) === 0;
  const { status, error, durationMs, responseHeaders, responseBody } = response;
  const shownBody = isSuccess(status) ? responseBody.slice(0, MAX_SUCCESS_CHARACTERS) : responseBody;
  await transaction.insert(webhookAttempts).values({
    id: uuidv7(),
    deliveryId,
    at,
    durationMs,
    status,
    error,
    responseHeaders: isErased ? {} : responseHeaders,
    responseBody: isErased ? '' : shownBody,
  });
}

const isSuccess = (status: number | null) => status !== null && status >= 200 && status < 300;

/** Marks a delivery as delivered, even if its lease has ended. */
async function markDelivered(transaction: Transaction, { deliveryId, endpointId }: Attempt): Promise<void> {
  const [delivered] = await transaction
    .update(webhookDeliveries)
    .set({ ...ENDED, state: 'delivered' })
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.state, 'pending')))
    .returning({ isTest: webhookDeliveries.isTest });
  if (!delivered || delivered.isTest) return;
  await transaction
    .update(webhookEndpoints)
    .set({ failingSince: null, lastDeliveryAt: sql`now()` })
    .where(eq(webhookEndpoints.id, endpointId));
}

/** Schedules the next attempt of a delivery, or ends it. Returns null if this attempt has lost its lease. */
async function scheduleRetry(
  transaction: Transaction,
  { deliveryId, leaseEndsAt }: Attempt,
  { status, responseHeaders }: WebhookResponse,
): Promise<{ isTest: boolean } | null> {
  const [delivery] = await transaction
    .select({
      isTest: webhookDeliveries.isTest,
      attempts: webhookDeliveries.attemptsInWindow,
      secondsLeft: sql<number>`extract(epoch from ${webhookDeliveries.windowStartedAt}
        + make_interval(hours => ${RETRY_HOURS}) - now())::float8`,
    })
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.id, deliveryId),
        eq(webhookDeliveries.state, 'pending'),
        eq(webhookDeliveries.attemptUntil, leaseEndsAt),
      ),
    )
    .for('update');
  if (!delivery) return null;
  const { isTest, attempts, secondsLeft } = delivery;
  const retryAfterSeconds = parseRetryAfter(status, responseHeaders['retry-after']);
  const delay = isTest ? null : calculateRetryDelay({ attempts, retryAfterSeconds, secondsLeft });
  await transaction
    .update(webhookDeliveries)
    .set(
      delay === null
        ? { ...ENDED, state: 'failed' }
        : { attemptUntil: null, nextAttemptAt: sql`now() + make_interval(secs => ${delay})` },
    )
    .where(eq(webhookDeliveries.id, deliveryId));
  return { isTest };
}

/** Notes that an endpoint fails, and disables it if it is gone, or has failed for days. */
async function recordFailure(
  transaction: Transaction,
  queue: PgBoss,
  endpointId: string,
  status: number | null,
): Promise<void> {
  const [endpoint] = await transaction
    .update(webhookEndpoints)
    .set({ failingSince: sql`coalesce(${webhookEndpoints.failingSince}, now())` })
    .where(and(eq(webhookEndpoints.id, endpointId), isNull(webhookEndpoints.disabledAt)))
    .returning({
      hasFailedForDays: sql<boolean>`${webhookEndpoints.failingSince} <= now() - make_interval(hours => ${FAILING_DAYS * 24})`,
    });
  if (!endpoint) return;
  if (status === 410) await disableEndpoint(transaction, queue, endpointId, 'gone');
  else if (endpoint.hasFailedForDays) await disableEndpoint(transaction, queue, endpointId, 'failing');
}

/** Records the result of an attempt: the response, the next attempt or the end, and the state of the endpoint. */
export function recordResponse(
  database: Database,
  queue: PgBoss,
  attempt: Attempt,
  response: WebhookResponse,
): Promise<void> {
  return withTransaction(database, async (transaction) => {
    // Before its deliveries, as when it is edited or disabled, so that transactions cannot deadlock.
    await transaction
      .select({ id: webhookEndpoints.id })
      .from(webhookEndpoints)
      .where(eq(webhookEndpoints.id, attempt.endpointId))
      .for('no key update');
    await storeResponse(transaction, attempt, response);
    if (isSuccess(response.status)) return markDelivered(transaction, attempt);
    const retry = await scheduleRetry(transaction, attempt, response);
    if (retry && !retry.isTest) await recordFailure(transaction, queue, attempt.endpointId, response.status);
  });
}
