import { and, arrayOverlaps, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { webhookDeliveries, webhookEndpoints, webhookEvents } from '#db/schema/webhooks.ts';
import { beforeCommit } from '#db/with-transaction.ts';
import { lockAccountResources } from '#lib/account-state/resource.ts';
import type { WebhookEventType } from './event-types.ts';

/** Events of one INSERT. With the maximum of 20 endpoints, their deliveries have fewer parameters than PostgreSQL allows. */
const BATCH_SIZE = 500;

export type WebhookEvent = {
  type: Exclude<WebhookEventType, 'audit.event'>;
  /** The id of the account that the event is about. */
  account: string;
  /**
   * Sent as `data`, with the account as it is at the commit. `account` replaces that, if the account is deleted. Must not
   * contain secrets.
   */
  data?: Record<string, unknown> & { account?: { id: string; username: string } };
};

type PendingEvent = {
  id: string;
  type: WebhookEventType;
  accountId: string | null;
  data: WebhookEvent['data'];
};
type EventRow = Omit<PendingEvent, 'data'> & { data: Record<string, unknown> | null };

const pendingEvents = new WeakMap<Transaction, PendingEvent[]>();

/** Reads the enabled endpoints that get one of the events, and keeps them from being deleted until the commit. */
const lockSubscribers = (transaction: Transaction, events: PendingEvent[]) =>
  transaction
    .select({ id: webhookEndpoints.id, eventTypes: webhookEndpoints.eventTypes })
    .from(webhookEndpoints)
    .where(
      and(
        isNull(webhookEndpoints.disabledAt),
        arrayOverlaps(webhookEndpoints.eventTypes, [...new Set(events.map(({ type }) => type))]),
      ),
    )
    .for('key share');

/** Adds to each event the account that it is about. Leaves out events about accounts that were deleted meanwhile. */
async function addAccounts(transaction: Transaction, events: PendingEvent[]): Promise<EventRow[]> {
  const ids = events.flatMap(({ type, accountId, data }) =>
    type === 'audit.event' || data?.account || accountId === null ? [] : [accountId],
  );
  const accounts = ids.length > 0 ? await lockAccountResources(transaction, [...new Set(ids)]) : null;
  return events.flatMap(({ data, ...event }): EventRow[] => {
    if (event.type === 'audit.event') return [{ ...event, data: null }];
    const account = data?.account ?? accounts?.get(event.accountId ?? '');
    return account ? [{ ...event, data: { ...data, account } }] : [];
  });
}

/** Inserts the events that an endpoint gets, and their deliveries. Costs one query if no endpoint gets any. */
async function insertEvents(transaction: Transaction, events: PendingEvent[]): Promise<void> {
  const endpoints = await lockSubscribers(transaction, events);
  const wanted = events.filter(({ type }) => endpoints.some(({ eventTypes }) => eventTypes.includes(type)));
  for (let start = 0; start < wanted.length; start += BATCH_SIZE) {
    const batch = await addAccounts(transaction, wanted.slice(start, start + BATCH_SIZE));
    if (batch.length === 0) continue;
    await transaction.insert(webhookEvents).values(batch);
    await transaction.insert(webhookDeliveries).values(
      batch.flatMap(({ id: eventId, type, accountId }) =>
        endpoints
          .filter(({ eventTypes }) => eventTypes.includes(type))
          .map((endpoint) => ({
            id: uuidv7(),
            endpointId: endpoint.id,
            eventId,
            orderedByAccount: accountId,
          })),
      ),
    );
  }
}

/** Inserts the recorded events of a transaction. */
async function insertPending(transaction: Transaction): Promise<void> {
  const events = pendingEvents.get(transaction) ?? [];
  pendingEvents.delete(transaction);
  if (events.length > 0) await insertEvents(transaction, events);
}

function addPending(transaction: Transaction, event: PendingEvent): void {
  const pending = pendingEvents.get(transaction);
  if (pending) {
    pending.push(event);
    return;
  }
  pendingEvents.set(transaction, [event]);
  beforeCommit(transaction, () => insertPending(transaction));
}

/**
 * Records an event for the webhook endpoints that get its type, in the transaction of the change, so that neither is
 * committed without the other. Written right before the commit, with the account as it is then.
 */
export const recordWebhookEvent = (transaction: Transaction, { type, account, data }: WebhookEvent): void =>
  addPending(transaction, { id: uuidv7(), type, accountId: account, data });

/**
 * Inserts webhook events for new audit events, and the other events of the transaction. The audit log calls it before it
 * locks the end of its chain, so that other transactions do not wait longer.
 */
export async function insertAuditWebhookEvents(
  transaction: Transaction,
  auditEvents: { id: string; accountId?: string | null | undefined }[],
): Promise<void> {
  for (const { id, accountId = null } of auditEvents)
    addPending(transaction, { id, type: 'audit.event', accountId, data: undefined });
  await insertPending(transaction);
}
