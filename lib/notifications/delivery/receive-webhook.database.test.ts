import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import {
  createResendEvent,
  createSignedHeaders,
  getTimestampFromNow,
  WEBHOOK_SECRET,
} from '#lib/testing/resend-webhooks.ts';
import { markSent } from './attempt.ts';
import { receiveWebhook } from './receive-webhook.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Queues an email and returns its id. */
async function queueEmail(): Promise<string> {
  const account = await createTestAccount(db.database, administrator);
  const { rows } = await db.pool.query(
    `select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'email'`,
    [account.id],
  );
  return rows[0].id;
}

const readReports = async (messageId: string) =>
  (
    await db.pool.query(
      'select kind, reason, source_id as "sourceId", at from delivery_reports where message_id = $1 order by source_id',
      [messageId],
    )
  ).rows;
const countRows = async () =>
  (
    await db.pool.query(
      'select (select count(*)::int from delivery_reports) as reports, (select count(*)::int from webhook_receipts) as receipts',
    )
  ).rows[0];

type WebhookOptions = {
  id?: string;
  timestamp?: number | string;
  headers?: Record<string, string>;
  secret?: string | null;
};

function sendWebhook(body: string, options: WebhookOptions = {}) {
  const {
    id = `msg_${randomUUID()}`,
    timestamp = getTimestampFromNow(0),
    headers,
    secret = WEBHOOK_SECRET,
  } = options;
  const request = new Request('http://localhost/', {
    method: 'POST',
    headers: { ...createSignedHeaders({ id, timestamp, body }), ...headers },
    body,
  });
  return receiveWebhook(db.database, secret, request);
}

describe('receiveWebhook', () => {
  it.each<[string, object, string, RegExp | null]>([
    ['email.delivered', {}, 'delivered', null],
    ['email.delivery_delayed', {}, 'delayed', /hasn’t accepted the email yet/],
    [
      'email.bounced',
      { bounce: { type: 'Permanent', subType: 'General', message: 'to ops@x' } },
      'bounced',
      /it may be wrong/,
    ],
    [
      'email.bounced',
      { bounce: { type: 'Permanent', subType: 'Suppressed', message: '' } },
      'bounced',
      /earlier emails/,
    ],
    [
      'email.bounced',
      { bounce: { type: 'Transient', subType: 'MailboxFull', message: '' } },
      'bounced',
      /mailbox is full/,
    ],
    [
      'email.bounced',
      { bounce: { type: 'Transient', subType: 'General', message: '' } },
      'bounced',
      /this time/,
    ],
    [
      'email.bounced',
      { bounce: { type: 'Undetermined', subType: 'Undetermined' } },
      'bounced',
      /didn’t say why/,
    ],
    ['email.bounced', {}, 'bounced', /didn’t say why/],
    ['email.complained', {}, 'complained', /marked the email as spam/],
    ['email.failed', { failed: { reason: 'reached_daily_quota' } }, 'failed', /allowance/],
    ['email.failed', { failed: { reason: 'ops@integrator.example' } }, 'failed', /couldn’t send/],
    [
      'email.suppressed',
      { suppressed: { message: 'ops@…', type: 'OnAccountSuppressionList' } },
      'failed',
      /no longer sends/,
    ],
  ])('records %s %j as %s', async (type, data, kind, reason) => {
    const id = await queueEmail();
    expect(
      await sendWebhook(createResendEvent(type, { tags: { message_id: id }, otherData: data }), {
        id: `msg_${id}`,
      }),
    ).toBe(200);
    const [report, ...others] = await readReports(id);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ kind, sourceId: `resend:msg_${id}` });
    if (reason) expect(report.reason).toMatch(reason);
    else expect(report.reason).toBeNull();
    // Texts of Resend, which may contain email addresses, are not stored.
    expect(report.reason ?? '').not.toMatch(/@/);
  });

  it('finds the email by its id at Resend, or by its tag', async () => {
    const [id, emailId] = [await queueEmail(), randomUUID()];
    await markSent(db.database, id, { provider: 'resend', providerId: emailId });
    expect(await sendWebhook(createResendEvent('email.delivered', { emailId }))).toBe(200);
    const tags = [{ name: 'message_id', value: id }];
    expect(await sendWebhook(createResendEvent('email.complained', { tags }))).toBe(200);
    expect(await readReports(id)).toHaveLength(2);
    // An id at another provider does not identify the email.
    const smtpMessageId = await queueEmail();
    await markSent(db.database, smtpMessageId, { provider: 'smtp', providerId: `${emailId}2` });
    await sendWebhook(createResendEvent('email.delivered', { emailId: `${emailId}2` }));
    expect(await readReports(smtpMessageId)).toEqual([]);
  });

  it.each([
    'email.sent',
    'email.opened',
    'email.clicked',
    'email.scheduled',
    'contact.created',
    'a.new.kind',
  ])('ignores events of type %s', async (type) => {
    const id = await queueEmail();
    expect(await sendWebhook(createResendEvent(type, { tags: { message_id: id } }))).toBe(200);
    expect(await readReports(id)).toEqual([]);
  });

  it.each<[string, object]>([
    ['no tags', {}],
    ['other tags', { tags: { category: 'news' } }],
    ['a tag of the same name with another kind of id', { tags: { message_id: 'news-42' } }],
    ['a tag with the id of no message', { tags: { message_id: randomUUID() } }],
    ['malformed tags', { tags: { message_id: { $ne: 1 } } }],
    ['a malformed id', { emailId: '\u0000' }],
  ])('ignores an email that is not ours, with %s', async (_, fields) => {
    const { reports } = await countRows();
    expect(await sendWebhook(createResendEvent('email.bounced', fields))).toBe(200);
    expect((await countRows()).reports).toBe(reports);
  });

  it('records the time of the event, not earlier than the creation of the message and not later than now', async () => {
    const id = await queueEmail();
    const { rows } = await db.pool.query(
      `update messages set created_at = now() - interval '1 hour' where id = $1 returning created_at`,
      [id],
    );
    const createdAt: Date = rows[0].created_at;
    const between = new Date(createdAt.getTime() + 1_234_567).toISOString();
    const times = [
      '2020-01-01T00:00:00.000Z',
      between,
      '2099-01-01T00:00:00Z',
      // Malformed, and after the year 9999: the time of the signature counts instead.
      'soon',
      '+275760-01-01T00:00:00Z',
    ];
    for (const [index, at] of times.entries())
      await sendWebhook(createResendEvent('email.delivered', { tags: { message_id: id }, at }), {
        id: `msg_${id}_${index}`,
      });
    const [earlyTime, exactTime, ...lateTimes] = (await readReports(id)).map(({ at }) => at);
    expect(earlyTime).toEqual(createdAt);
    expect(exactTime).toEqual(new Date(between));
    const { rows: clock } = await db.pool.query('select now()');
    for (const at of lateTimes) {
      expect(at.getTime()).toBeLessThanOrEqual(clock[0].now.getTime());
      expect(at.getTime()).toBeGreaterThan(clock[0].now.getTime() - 60_000);
    }
    expect(lateTimes).toHaveLength(3);
  });

  it('throws if the database is unavailable, and accepts the retry', async () => {
    const unavailable = connectDatabase('postgresql://user@127.0.0.1:1/unavailable');
    const body = createResendEvent('email.delivered', { tags: { message_id: randomUUID() } });
    const headers = createSignedHeaders({ id: 'msg_retried', timestamp: getTimestampFromNow(0), body });
    const createRequest = () => new Request('http://localhost/', { method: 'POST', headers, body });
    await expect(receiveWebhook(unavailable.database, WEBHOOK_SECRET, createRequest())).rejects.toThrow();
    await unavailable.close();
    expect(await receiveWebhook(db.database, WEBHOOK_SECRET, createRequest())).toBe(200);
  });
});
