import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  createTestEndpoint,
  deliverDueWebhooks,
  isSignedWith,
  RECEIVER_SETTINGS,
  WebhookReceiver,
} from '#lib/testing/webhook-receiver.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { deliverWebhook } from './deliver.ts';
import { listWebhookDeliveries, readWebhookDelivery } from './deliveries.ts';
import { readWebhookEndpoint } from './list.ts';
import { pruneWebhookEvents } from './prune.ts';
import { redeliverWebhook } from './redeliver.ts';
import { rotateWebhookSecret } from './rotate-secret.ts';
import { sendTestEvent } from './test-event.ts';
import { updateWebhookEndpoint } from './update.ts';

setEnvironment(RECEIVER_SETTINGS);

const EVENTS = atScale({ normal: 2, soak: 200 });

let db: TestDatabase;
let clock: DatabaseClock;
let administrator: Administrator;
let accountId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
  // A later connection, because the clock affects only those.
  administrator = await createTestAdministrator(db.database);
  ({ id: accountId } = await createTestAccount(db.database, administrator));
});
afterAll(() => db.drop());

let receiver: WebhookReceiver;
beforeEach(async ({ onTestFinished }) => {
  await db.pool.query('truncate webhook_endpoints, webhook_events cascade; delete from pgboss.job');
  receiver = await WebhookReceiver.start();
  onTestFinished(() => receiver[Symbol.dispose]());
});

const createEndpoint = () => createTestEndpoint(db.database, administrator, { url: receiver.url });

/** Records events of an account, each in its own transaction. */
async function record(count = 1, account = accountId): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await withTransaction(db.database, async (transaction) =>
      recordWebhookEvent(transaction, { type: 'api_account.updated', account, data: { index } }),
    );
}

const respondWith = (status: number, headers: Record<string, string> = {}, body = '') => {
  receiver.respond = (response) => response.writeHead(status, headers).end(body);
};

const readDeliveries = async (endpointId: string) =>
  (await listWebhookDeliveries(db.database, administrator, { endpointId, limit: 1_000 })).data;

const readEndpoint = (id: string) => readWebhookEndpoint(db.database, administrator, id);

async function readLatest(endpointId: string) {
  const [latest] = await readDeliveries(endpointId);
  const result = await readWebhookDelivery(db.database, administrator, latest?.id ?? '');
  if (!result.ok) throw new Error(result.reason);
  return result;
}

/** Reads in how many seconds the next attempt of the only delivery is. */
async function readDelay(): Promise<number> {
  const { rows } = await db.pool.query<{ seconds: number }>(
    'select extract(epoch from next_attempt_at - now())::float8 as seconds from webhook_deliveries',
  );
  return rows[0]?.seconds ?? Number.NaN;
}

describe('deliverWebhook', () => {
  it('sends the event once, signed, and logs the request and the response', async () => {
    const { id, secret } = await createEndpoint();
    respondWith(200, { 'content-type': 'text/plain', 'set-cookie': 'session=1' }, 'Thanks\0');
    await record();
    expect(await deliverDueWebhooks(db.database)).toBe(1);
    expect(receiver.received).toHaveLength(1);
    const [webhook] = receiver.received;
    if (!webhook) throw new Error('nothing was received');
    expect(isSignedWith(secret, webhook)).toBe(true);
    expect(isSignedWith('whsec_c29tZXRoaW5nIGVsc2Ugb2YgMzIgYnl0ZXMhISE=', webhook)).toBe(false);
    expect(webhook.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(Object.keys(JSON.parse(webhook.body))).toEqual(['type', 'timestamp', 'data']);
    expect(webhook).toMatchObject({ type: 'api_account.updated', data: { account: { id: accountId } } });
    const { delivery, attempts } = await readLatest(id);
    expect(delivery).toMatchObject({
      state: 'delivered',
      attempts: 1,
      nextAttemptAt: null,
      eventId: webhook.id,
    });
    expect(attempts).toMatchObject([
      {
        status: 200,
        error: null,
        requestBody: webhook.body,
        requestHeaders: {
          'webhook-id': webhook.id,
          'webhook-timestamp': webhook.headers['webhook-timestamp'],
        },
        responseHeaders: { 'content-type': 'text/plain' },
        responseBody: 'Thanks\uFFFD',
      },
    ]);
    expect(JSON.stringify(attempts)).not.toMatch(/v1,|set-cookie|whsec_/);
    expect(await readEndpoint(id)).toMatchObject({ failingSince: null, lastDeliveryAt: expect.any(Date) });
  });

  it('signs with both secrets during the overlap, and then with the new one only', async () => {
    const { id, secret } = await createEndpoint();
    const rotated = await rotateWebhookSecret(db.database, administrator, { id, hours: 2 });
    if (!rotated.ok) throw new Error(rotated.reason);
    await record();
    await deliverDueWebhooks(db.database);
    await clock.advance('2 hours');
    await record();
    await deliverDueWebhooks(db.database);
    const signed = receiver.received.map((one) => [
      isSignedWith(secret, one),
      isSignedWith(rotated.secret, one),
    ]);
    expect(signed).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('sends a delivery once, however many jobs there are for it', async () => {
    await createEndpoint();
    await record();
    const queue = await getQueue(db.pool);
    const { rows } = await db.pool.query('select id from webhook_deliveries');
    await Promise.all(Array.from({ length: 20 }, () => deliverWebhook(db.database, queue, rows[0].id)));
    expect(receiver.received).toHaveLength(1);
    await Promise.all(Array.from({ length: 5 }, () => deliverDueWebhooks(db.database)));
    expect(receiver.received).toHaveLength(1);
  });

  it('attempts again after a worker was killed during an attempt', async () => {
    const { id } = await createEndpoint();
    await record();
    // As a killed worker leaves it.
    await db.pool.query(
      "update webhook_deliveries set attempts = 1, attempts_in_window = 1, attempt_until = now() + interval '30 seconds'",
    );
    expect(await deliverDueWebhooks(db.database)).toBe(0);
    await clock.advance('31 seconds');
    expect(await deliverDueWebhooks(db.database)).toBe(1);
    expect(await readDeliveries(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('retries with the same id and body until the receiver accepts', async () => {
    const { id } = await createEndpoint();
    respondWith(500, {}, 'x'.repeat(100_000));
    await record();
    await deliverDueWebhooks(db.database);
    expect(await deliverDueWebhooks(db.database)).toBe(0);
    expect((await readLatest(id)).attempts[0]?.responseBody).toHaveLength(64 * 1_024);
    await clock.advance('5 seconds');
    respondWith(201);
    await deliverDueWebhooks(db.database);
    const [first, second] = receiver.received;
    expect(second).toMatchObject({ id: first?.id, body: first?.body });
    expect(receiver.received).toHaveLength(2);
    expect(await readDeliveries(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('waits as long as a receiver asks, for at most an hour', async () => {
    await createEndpoint();
    await record();
    for (const [header, seconds] of [
      ['120', 120],
      ['999999', 3_600],
    ] as const) {
      respondWith(429, { 'retry-after': header });
      await deliverDueWebhooks(db.database);
      const delay = await readDelay();
      expect(delay).toBeGreaterThan(seconds - 5);
      expect(delay).toBeLessThanOrEqual(seconds);
      await clock.advance('1 hour');
    }
  });

  it('follows no redirect', async () => {
    const { id } = await createEndpoint();
    respondWith(307, { location: receiver.url });
    await record();
    await deliverDueWebhooks(db.database);
    expect(receiver.received).toHaveLength(1);
    expect(await readLatest(id)).toMatchObject({
      delivery: { state: 'pending' },
      attempts: [{ status: 307, responseHeaders: { location: receiver.url } }],
    });
  });

  it('ends an attempt at the deadline, and describes why there was no response', async () => {
    const { id } = await createEndpoint();
    receiver.respond = () => {};
    await record();
    await deliverDueWebhooks(db.database, 100);
    expect(await readLatest(id)).toMatchObject({
      attempts: [{ status: null, error: 'There was no response within 0.1 seconds.' }],
    });
  });

  it('tries a test event once, also at a disabled endpoint, and does not count its failure', async () => {
    const { id } = await createEndpoint();
    await updateWebhookEndpoint(db.database, administrator, { id, enabled: false });
    respondWith(500);
    const sent = await sendTestEvent(db.database, administrator, { id });
    await deliverDueWebhooks(db.database);
    expect(receiver.received).toMatchObject([{ type: 'webhook.test', data: { webhookEndpointId: id } }]);
    expect(await readDeliveries(id)).toMatchObject([
      { id: sent.ok && sent.deliveryId, state: 'failed', isTest: true, attempts: 1 },
    ]);
    expect(await readEndpoint(id)).toMatchObject({ failingSince: null, lastDeliveryAt: null });
  });
});

describe('a receiver that is down for a day', () => {
  it('gets every event at least once when it is back, and each is attempted in bounded time', async () => {
    const { id, secret } = await createEndpoint();
    respondWith(503);
    await record(EVENTS);
    // Later events are recorded while it is down.
    for (let hour = 0; hour < 23; hour += 1) {
      await deliverDueWebhooks(db.database);
      if (hour === 12) await record(EVENTS);
      await clock.advance('1 hour');
    }
    expect(await readDeliveries(id)).toMatchObject(
      Array.from({ length: 2 * EVENTS }, () => ({ state: 'pending' })),
    );
    respondWith(204);
    await clock.advance('1 hour');
    receiver.received.splice(0);
    for (let hour = 0; hour < 11; hour += 1) {
      await deliverDueWebhooks(db.database);
      await clock.advance('1 hour');
    }
    const deliveries = await readDeliveries(id);
    expect(deliveries.map(({ state }) => state)).toEqual(deliveries.map(() => 'delivered'));
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(2 * EVENTS);
    expect(receiver.received.every((one) => isSignedWith(secret, one))).toBe(true);
  });

  it('ends the retries after a day, and delivers again on request', async () => {
    const { id } = await createEndpoint();
    respondWith(500);
    await record();
    for (let hour = 0; hour < 32; hour += 1) {
      await deliverDueWebhooks(db.database);
      await clock.advance('1 hour');
    }
    const [failed] = await readDeliveries(id);
    expect(failed).toMatchObject({ state: 'failed', nextAttemptAt: null });
    expect(failed?.attempts).toBeGreaterThan(5);
    respondWith(200);
    const first = receiver.received[0]?.id;
    const request = { id: failed?.id ?? '' };
    expect(await redeliverWebhook(db.database, administrator, request)).toEqual({ ok: true });
    expect(await redeliverWebhook(db.database, administrator, request)).toMatchObject({ reason: 'pending' });
    await deliverDueWebhooks(db.database);
    expect(receiver.received.at(-1)?.id).toBe(first);
    expect(await readDeliveries(id)).toMatchObject([{ state: 'delivered' }]);
  });

  it('is disabled after five days without a success, and administrators get an email', async () => {
    const { id } = await createEndpoint();
    respondWith(500);
    for (let day = 0; day < 5; day += 1) {
      await record();
      await deliverDueWebhooks(db.database);
      expect(await readEndpoint(id)).toMatchObject({ enabled: true });
      await clock.advance('24 hours');
    }
    await record();
    await deliverDueWebhooks(db.database);
    expect(await readEndpoint(id)).toMatchObject({ enabled: false, disabledReason: 'failing' });
    expect((await readDeliveries(id)).filter(({ state }) => state === 'pending')).toEqual([]);
    const { rows } = await db.pool.query("select id from messages where kind = 'webhook_disabled'");
    expect(rows).toHaveLength(1);
    expect(await prepareMessage(db.database, rows[0].id)).toEqual({
      kind: 'webhook_disabled',
      to: administrator.email,
      endpoint: new URL(receiver.url).origin,
      description: '',
      reason: 'failing',
      link: expect.stringMatching(/\/settings\/webhooks$/),
    });
    const requests = receiver.received.length;
    await record();
    expect(await deliverDueWebhooks(db.database)).toBe(0);
    expect(receiver.received).toHaveLength(requests);
    const [latest] = await readDeliveries(id);
    expect(await redeliverWebhook(db.database, administrator, { id: latest?.id ?? '' })).toMatchObject({
      reason: 'disabled',
    });
    // It has another five days.
    await updateWebhookEndpoint(db.database, administrator, { id, enabled: true });
    await record();
    await deliverDueWebhooks(db.database);
    expect(await readEndpoint(id)).toMatchObject({ enabled: true, disabledReason: null });
  });

  it('is disabled immediately when it responds with 410', async () => {
    const { id } = await createEndpoint();
    respondWith(410);
    await record(2);
    await deliverDueWebhooks(db.database);
    expect(await readEndpoint(id)).toMatchObject({ enabled: false, disabledReason: 'gone' });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('the order of events', () => {
  it('is kept for an account, also those of one transaction, and does not delay other accounts', async () => {
    const other = await createTestAccount(db.database, administrator);
    await createEndpoint();
    await withTransaction(db.database, async (transaction) => {
      for (const index of [0, 1])
        recordWebhookEvent(transaction, { type: 'api_account.updated', account: accountId, data: { index } });
    });
    await record(3);
    await record(1, other.id);
    let isDown = true;
    receiver.respond = (response, { data }) =>
      response.writeHead(isDown && data.account?.id === accountId ? 500 : 200).end();
    await deliverDueWebhooks(db.database);
    expect(receiver.received.map(({ data }) => data.account?.id).toSorted()).toEqual(
      [accountId, other.id].toSorted(),
    );
    isDown = false;
    receiver.received.splice(0);
    await clock.advance('5 seconds');
    await deliverDueWebhooks(db.database);
    expect(receiver.received.map(({ data }) => data.index)).toEqual([0, 1, 0, 1, 2]);
  });

  it('is lost after 15 minutes, so that one event cannot block the others', async () => {
    await createEndpoint();
    receiver.respond = (response, { data }) => response.writeHead(data.index === 0 ? 500 : 200).end();
    await record(3);
    await deliverDueWebhooks(db.database);
    expect(receiver.received.map(({ data }) => data.index)).toEqual([0]);
    await clock.advance('16 minutes');
    await deliverDueWebhooks(db.database);
    expect(receiver.received.map(({ data }) => data.index).toSorted()).toEqual([0, 0, 1, 2]);
  });
});

describe('pruneWebhookEvents', () => {
  it('deletes events after 30 days, with their deliveries', async () => {
    const { id } = await createEndpoint();
    await record();
    await deliverDueWebhooks(db.database);
    await clock.advance('29 days');
    await record();
    await pruneWebhookEvents(db.database);
    expect(await readDeliveries(id)).toHaveLength(2);
    await clock.advance('2 days');
    await pruneWebhookEvents(db.database);
    expect(await readDeliveries(id)).toHaveLength(1);
    const { rows } = await db.pool.query('select from webhook_attempts');
    expect(rows).toHaveLength(0);
  });
});
