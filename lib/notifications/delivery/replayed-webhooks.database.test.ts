import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import {
  createResendEvent,
  createSignedHeaders,
  getTimestampFromNow,
  WEBHOOK_SECRET,
} from '#lib/testing/resend-webhooks.ts';
import { atScale } from '#lib/testing/scale.ts';
import { markSent } from './attempt.ts';
import { receiveWebhook } from './receive-webhook.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Inserts an email that was queued an hour ago, and returns its id. */
async function queueEmail(): Promise<string> {
  const account = await createTestAccount(db.database, administrator);
  const { rows } = await db.pool.query(
    `update messages m set created_at = now() - interval '1 hour' from api_accounts a
      where a.reveal_id = m.reveal_id and a.id = $1 and channel = 'email' returning m.id`,
    [account.id],
  );
  return rows[0].id;
}

const sendWebhook = (id: string, timestamp: number, body: string) =>
  receiveWebhook(
    db.database,
    WEBHOOK_SECRET,
    new Request('http://localhost/', {
      method: 'POST',
      headers: createSignedHeaders({ id, timestamp, body }),
      body,
    }),
  );

const readReports = async (messageId: string) =>
  (
    await db.pool.query(
      'select kind, reason, at, source_id from delivery_reports where message_id = $1 order by kind, at',
      [messageId],
    )
  ).rows;

const EVENT_TYPES = [
  'email.sent',
  'email.delivery_delayed',
  'email.delivered',
  'email.bounced',
  'email.complained',
  'email.failed',
];

describe('receiveWebhook', () => {
  it('rejects a replay and accepts a retry by Resend', async () => {
    const [messageId, id] = [await queueEmail(), `msg_${randomUUID()}`];
    const body = createResendEvent('email.delivered', { tags: { message_id: messageId } });
    const signedAt = getTimestampFromNow(-100);
    expect(await sendWebhook(id, signedAt, body)).toBe(200);
    const before = await db.pool.query('select xmin, * from webhook_receipts');
    expect(await sendWebhook(id, signedAt, body)).toBe(409);
    expect((await db.pool.query('select xmin, * from webhook_receipts')).rows).toEqual(before.rows);
    expect(await sendWebhook(id, signedAt + 5, body)).toBe(200);
    expect(await sendWebhook(id, signedAt, body)).toBe(409);
    expect(await sendWebhook(id, signedAt + 5, body)).toBe(409);
    expect(await readReports(messageId)).toHaveLength(1);
  });

  it('accepts only one of fifty concurrent requests with the same webhook', async () => {
    const [messageId, id] = [await queueEmail(), `msg_${randomUUID()}`];
    const body = createResendEvent('email.bounced', { tags: { message_id: messageId } });
    const signedAt = getTimestampFromNow(0);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => sendWebhook(id, signedAt, body)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    expect(await readReports(messageId)).toHaveLength(1);
  });

  it('records the same reports for any order and repetition of events, before or after the message is marked as sent', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...EVENT_TYPES), { minLength: 1 }),
      fc.func(fc.nat()),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.nat({ max: 12 }),
      async (types, rankOf, repeats, sentIndex) => {
        const [messageId, emailId] = [await queueEmail(), randomUUID()];
        const base = Date.now() - 60_000;
        const events = types.map((type, index) => ({
          id: `msg_${messageId}_${type}`,
          // If the event arrives before the message is marked as sent, only the tag identifies the message.
          body: createResendEvent(type, {
            emailId,
            tags: { message_id: messageId },
            at: new Date(base + index * 1_000).toISOString(),
          }),
        }));
        const webhooks = [
          ...events,
          ...repeats.map((number) => events[number % events.length] as (typeof events)[0]),
        ];
        const shuffledWebhooks = webhooks
          .map((event, index) => ({ event, rank: rankOf(index) }))
          .toSorted((one, other) => one.rank - other.rank);
        for (const [index, { event }] of shuffledWebhooks.entries()) {
          if (index === sentIndex)
            await markSent(db.database, messageId, { provider: 'resend', providerId: emailId });
          // Each is signed later than the one before, so a repeated event is a retry, not a replay.
          expect(await sendWebhook(event.id, getTimestampFromNow(index - 30), event.body)).toBe(200);
        }
        const expectedReports = types
          .map((type, index) => ({ type, at: new Date(base + index * 1_000) }))
          .filter(({ type }) => type !== 'email.sent')
          .map(({ type, at }) => ({
            kind: type === 'email.delivery_delayed' ? 'delayed' : type.slice(6),
            at,
          }));
        const reports = (await readReports(messageId)).map(({ kind, at }) => ({ kind, at }));
        const sortByKind = (list: { kind: string; at: Date }[]) =>
          list.toSorted((a, b) => a.kind.localeCompare(b.kind));
        expect(sortByKind(reports)).toEqual(sortByKind(expectedReports));
      },
    );
    await fc.assert(property, { numRuns: atScale({ normal: 12, soak: 200 }) });
  });
});
