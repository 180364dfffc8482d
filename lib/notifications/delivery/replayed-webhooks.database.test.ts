import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { resendEvent, secondsFromNow, signedHeaders, WEBHOOK_SECRET } from '#lib/testing/resend-webhooks.ts';
import { atScale } from '#lib/testing/scale.ts';
import { markSent } from './finish-attempt.ts';
import { receiveWebhook } from './receive-webhook.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

async function email(): Promise<string> {
  const account = await testAccount(test.database, administrator);
  const { rows } = await test.pool.query(
    `update messages m set created_at = now() - interval '1 hour' from api_accounts a
      where a.reveal_id = m.reveal_id and a.id = $1 and channel = 'email' returning m.id`,
    [account.id],
  );
  return rows[0].id;
}

const call = (id: string, timestamp: number, body: string) =>
  receiveWebhook(
    test.database,
    WEBHOOK_SECRET,
    new Request('http://localhost/', {
      method: 'POST',
      headers: signedHeaders({ id, timestamp, body }),
      body,
    }),
  );

const reportsOf = async (messageId: string) =>
  (
    await test.pool.query(
      'select kind, reason, at, source_id from delivery_reports where message_id = $1 order by kind, at',
      [messageId],
    )
  ).rows;

it('refuses a call that is played back, and takes one that Resend sends again', async () => {
  const [messageId, id] = [await email(), `msg_${randomUUID()}`];
  const body = resendEvent('email.delivered', { tags: { message_id: messageId } });
  const signedAt = secondsFromNow(-100);
  expect(await call(id, signedAt, body)).toBe(200);
  const before = await test.pool.query('select xmin, * from webhook_receipts');
  expect(await call(id, signedAt, body)).toBe(409);
  expect((await test.pool.query('select xmin, * from webhook_receipts')).rows).toEqual(before.rows);
  expect(await call(id, signedAt + 5, body)).toBe(200);
  expect(await call(id, signedAt, body)).toBe(409);
  expect(await call(id, signedAt + 5, body)).toBe(409);
  expect(await reportsOf(messageId)).toHaveLength(1);
});

it('takes one of fifty that are played back at once', async () => {
  const [messageId, id] = [await email(), `msg_${randomUUID()}`];
  const body = resendEvent('email.bounced', { tags: { message_id: messageId } });
  const signedAt = secondsFromNow(0);
  const statuses = await Promise.all(Array.from({ length: 50 }, () => call(id, signedAt, body)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(49);
  expect(await reportsOf(messageId)).toHaveLength(1);
});

const KINDS = [
  'email.sent',
  'email.delivery_delayed',
  'email.delivered',
  'email.bounced',
  'email.complained',
  'email.failed',
];

it('tells the same in whatever order the events come, however often, before or after "sent"', async () => {
  const property = fc.asyncProperty(
    fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1 }),
    fc.func(fc.nat()),
    fc.array(fc.nat(), { maxLength: 6 }),
    fc.nat({ max: 12 }),
    async (kinds, order, repeats, sentAt) => {
      const [messageId, emailId] = [await email(), randomUUID()];
      const base = Date.now() - 60_000;
      const events = kinds.map((kind, index) => ({
        id: `msg_${messageId}_${kind}`,
        // By the tag alone, where the event may come before we have noted Resend's id of the email.
        body: resendEvent(kind, {
          emailId,
          tags: { message_id: messageId },
          at: new Date(base + index * 1_000).toISOString(),
        }),
      }));
      const calls = [
        ...events,
        ...repeats.map((number) => events[number % events.length] as (typeof events)[0]),
      ];
      const shuffled = calls
        .map((event, index) => ({ event, rank: order(index) }))
        .toSorted((one, other) => one.rank - other.rank);
      for (const [index, { event }] of shuffled.entries()) {
        if (index === sentAt)
          await markSent(test.database, messageId, { provider: 'resend', providerId: emailId });
        expect(await call(event.id, secondsFromNow(index - 30), event.body)).toBe(200);
      }
      const expected = kinds
        .map((kind, index) => ({ kind, at: new Date(base + index * 1_000) }))
        .filter(({ kind }) => kind !== 'email.sent')
        .map(({ kind, at }) => ({ kind: kind === 'email.delivery_delayed' ? 'delayed' : kind.slice(6), at }));
      const reports = (await reportsOf(messageId)).map(({ kind, at }) => ({ kind, at }));
      const byKind = (list: { kind: string; at: Date }[]) =>
        list.toSorted((a, b) => a.kind.localeCompare(b.kind));
      expect(byKind(reports)).toEqual(byKind(expected));
    },
  );
  await fc.assert(property, { numRuns: atScale({ normal: 12, soak: 200 }) });
}, 300_000);
