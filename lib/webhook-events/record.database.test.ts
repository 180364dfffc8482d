import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { accountSchema } from '#lib/account-state/resource.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { recordExpiredAccounts } from '#lib/api-accounts/expiry/record-expired.ts';
import { queueExpiryReminders } from '#lib/api-accounts/expiry/reminders.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { createScope } from '#lib/api-accounts/scopes/create.ts';
import { retireScope } from '#lib/api-accounts/scopes/retire.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { recordFirstUses } from '#lib/key-delivery/first-use.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import { recordReport } from '#lib/notifications/delivery/record-report.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import {
  createTestEndpoint,
  deliverDueWebhooks,
  RECEIVER_SETTINGS,
  WebhookReceiver,
} from '#lib/testing/webhook-receiver.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from './event-types.ts';
import { recordWebhookEvent } from './record.ts';

setEnvironment(RECEIVER_SETTINGS);

const TARGET = 'http://127.0.0.1:9/';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());
beforeEach(() => db.pool.query('truncate webhook_endpoints, webhook_events cascade'));

const ALL_BUT_AUDIT = WEBHOOK_EVENT_TYPES.filter((type) => type !== 'audit.event');

const subscribe = (eventTypes: WebhookEventType[] = ALL_BUT_AUDIT, url = TARGET) =>
  createTestEndpoint(db.database, administrator, { url, eventTypes });

type EventRow = { type: string; data: Record<string, unknown> };

/** Reads the recorded events in the order of their deliveries. */
async function readEvents(): Promise<EventRow[]> {
  const { rows } = await db.pool.query<EventRow>(
    `select e.type, e.data from webhook_events e join webhook_deliveries d on d.event_id = e.id
     order by d.recorded_at, d.id`,
  );
  return rows;
}

/** Runs a step, and returns the events that it recorded. */
async function collect(step: () => Promise<unknown>): Promise<EventRow[]> {
  await db.pool.query('delete from webhook_events');
  await step();
  return readEvents();
}

const create = () => createTestAccount(db.database, administrator);
const update = (id: string, changes: Partial<Parameters<typeof updateApiAccount>[2]>) =>
  updateApiAccount(db.database, administrator, { id, ...changes });

describe('the events about an account', () => {
  it('are recorded by every change, with the account as it is after the change', async () => {
    await subscribe();
    const { id, username } = await create();
    expect(await readEvents()).toMatchObject([
      { type: 'api_account.created', data: { account: { id, username, status: 'awaiting_collection' } } },
    ]);
    for (const { data } of await readEvents()) accountSchema.parse(data.account);
    const edited = await collect(() => update(id, { email: 'new@example.com', active: false }));
    expect(edited).toMatchObject([
      {
        type: 'api_account.updated',
        data: { changed: ['email'], account: { email: 'new@example.com', status: 'inactive', version: 2 } },
      },
      { type: 'api_account.deactivated', data: { account: { active: false } } },
    ]);
    expect(await collect(() => update(id, { active: true }))).toMatchObject([
      { type: 'api_account.reactivated', data: { account: { active: true } } },
    ]);
    expect(await collect(() => update(id, { active: true }))).toEqual([]);
    expect(await collect(() => revealKey(db.database, id))).toMatchObject([
      { type: 'api_key.collected', data: { account: { id, status: 'active' } } },
    ]);
    expect(
      await collect(() => resetApiKey(db.database, administrator, { id, oldKey: { hours: 2 } })),
    ).toMatchObject([
      {
        type: 'api_key.reset',
        data: { oldKeyExpiresAt: expect.any(String), account: { status: 'awaiting_collection' } },
      },
    ]);
    expect(await collect(() => deleteApiAccount(db.database, administrator, { id, username }))).toEqual([
      { type: 'api_account.deleted', data: { account: { id, username } } },
    ]);
  });

  it('are recorded when a scope is retired', async () => {
    await subscribe();
    const { id } = await create();
    await createScope(db.database, administrator, { name: 'orders:read', description: '' });
    await update(id, { scopes: ['orders:read'] });
    expect(
      await collect(() => retireScope(db.database, administrator, { name: 'orders:read' })),
    ).toMatchObject([
      { type: 'api_account.updated', data: { changed: ['scopes'], account: { id, scopes: [] } } },
    ]);
  });

  it('are recorded once when the account expires soon, and when it has expired', async () => {
    await subscribe();
    const { id } = await create();
    await db.pool.query("update api_accounts set expires_at = now() + interval '3 days' where id = $1", [id]);
    for (const expected of [[{ type: 'api_account.expiring', data: { daysBefore: 7, account: { id } } }], []])
      expect(await collect(() => queueExpiryReminders(db.database))).toMatchObject(expected);
    await db.pool.query('update api_accounts set expires_at = now() where id = $1', [id]);
    for (const expected of [
      [{ type: 'api_account.expired', data: { account: { id, status: 'expired' } } }],
      [],
    ])
      expect(await collect(() => recordExpiredAccounts(db.database))).toMatchObject(expected);
  });

  it('are recorded once when a new key is first used', async () => {
    await subscribe();
    const { id } = await create();
    const use = () =>
      db.pool.query(
        'update api_account_usage set current_key_used_at = now(), last_used_at = now() where account_id = $1',
        [id],
      );
    for (let keys = 0; keys < 2; keys += 1) {
      await revealKey(db.database, id);
      expect(await collect(() => recordFirstUses(db.database))).toEqual([]);
      await use();
      for (const expected of [
        [{ type: 'api_key.first_used', data: { usedAt: expect.any(String), account: { id } } }],
        [],
      ])
        expect(await collect(() => recordFirstUses(db.database))).toMatchObject(expected);
      await resetApiKey(db.database, administrator, { id });
    }
  });

  it('are recorded when a delivery is locked', async () => {
    await subscribe();
    const { id } = await create();
    const reveal = await readCurrentReveal(db.database, id);
    await db.pool.query('update reveals set link_attempts = 24 where id = $1', [reveal.id]);
    const events = await collect(() =>
      submitCode(db.database, { token: reveal.token, code: makeWrongCode(reveal.code) }),
    );
    expect(events).toMatchObject([{ type: 'delivery.locked', data: { account: { id, status: 'locked' } } }]);
  });

  it('are recorded when a message of a delivery fails, is blocked or does not arrive', async () => {
    await subscribe();
    const { id } = await create();
    const { id: revealId } = await readCurrentReveal(db.database, id);
    const { rows } = await db.pool.query('select id, channel from messages where reveal_id = $1', [revealId]);
    const find = (channel: string) => rows.find((row) => row.channel === channel)?.id;
    const fail = (problem: string, channel: string) => [
      {
        type: 'delivery.failed',
        data: {
          delivery: { channel, problem, reason: expect.any(String) },
          account: { id, status: 'delivery_failed' },
        },
      },
    ];
    const report = (kind: 'bounced' | 'delivered', source: string) => () =>
      withTransaction(db.database, (transaction) =>
        recordReport(
          transaction,
          { messageId: find('email'), provider: 'resend', providerId: null },
          { kind, at: new Date(), reason: 'The mailbox is full.' },
          source,
        ),
      );
    expect(await collect(report('delivered', 'resend:1'))).toEqual([]);
    expect(await collect(report('bounced', 'resend:2'))).toMatchObject(fail('bounced', 'email'));
    expect(await collect(report('bounced', 'resend:2'))).toEqual([]);
    const abandon = () => abandonMessage(db.database, find('sms'), 'The provider refused it.');
    expect(await collect(abandon)).toMatchObject(fail('not_sent', 'sms'));
    await db.pool.query(
      "update sms_counts set queued = 1000000; update reveals set code_issued_at = now() - interval '1 hour'",
    );
    const resend = () => resendMessages(db.database, administrator, { id, what: 'text' });
    expect(await collect(resend)).toMatchObject(fail('blocked', 'sms'));
    // Again, because repeated requests must not fill the table.
    expect(await collect(resend)).toEqual([]);
    await letTimePass(db.database, id, '2 hours');
  });
});

describe('recordWebhookEvent', () => {
  it('writes nothing without an endpoint for the type, nor for a disabled one', async () => {
    await subscribe(['api_key.leaked']);
    await subscribe(['api_account.created']);
    await db.pool.query(
      "update webhook_endpoints set disabled_at = now(), disabled_reason = 'administrator' where 'api_account.created' = any (event_types)",
    );
    await create();
    expect(await readEvents()).toEqual([]);
  });

  it('is undone with its transaction', async () => {
    await subscribe();
    const { id } = await create();
    const events = await collect(() =>
      withTransaction(db.database, async (transaction) => {
        recordWebhookEvent(transaction, { type: 'api_key.reset', account: id });
        await transaction.execute('select 1');
        throw new Error('undo');
      }).catch(() => {}),
    );
    expect(events).toEqual([]);
  });

  it('leaves out an account that does not exist', async () => {
    await subscribe();
    const events = await collect(() =>
      withTransaction(db.database, async (transaction) =>
        recordWebhookEvent(transaction, { type: 'api_key.reset', account: randomUUID() }),
      ),
    );
    expect(events).toEqual([]);
  });

  it('keeps the order of the transactions that wait for each other', async () => {
    await subscribe();
    const { id } = await create();
    const events = await collect(() =>
      Promise.all(Array.from({ length: 10 }, (_, index) => update(id, { notes: `${index}` }))),
    );
    const versions = events.map(({ data }) => (data.account as { version: number }).version);
    expect(versions).toEqual(versions.toSorted((one, other) => one - other));
    expect(versions).toHaveLength(10);
  });
});

describe('audit events', () => {
  it('are sent as the management API shows them, and cause no further ones', async () => {
    using receiver = await WebhookReceiver.start();
    await subscribe(['audit.event'], receiver.url);
    // The creation of the endpoint is itself an audit event, but was recorded in the same transaction.
    receiver.received.splice(0);
    await db.pool.query('delete from webhook_events');
    await withTransaction(db.database, async (transaction) =>
      recordAuditEvent(transaction, 'audit.exported', { userId: administrator.userId, details: { rows: 1 } }),
    );
    expect(await deliverDueWebhooks(db.database)).toBe(1);
    const { rows } = await db.pool.query(
      'select id, position from audit_events order by position desc limit 1',
    );
    expect(receiver.received).toMatchObject([
      {
        id: rows[0].id,
        type: 'audit.event',
        data: {
          id: rows[0].id,
          action: 'audit.exported',
          by: { id: administrator.userId, name: administrator.name },
          position: Number(rows[0].position),
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          details: { rows: 1 },
        },
      },
    ]);
    expect(await deliverDueWebhooks(db.database)).toBe(0);
  });
});

/** Reads all rows of the tables with events. */
const dump = async () => {
  const tables = ['webhook_events', 'webhook_deliveries', 'webhook_attempts'];
  const dumps = await Promise.all(
    tables.map((table) => db.pool.query(`select t::text as row from ${table} t`)),
  );
  return dumps.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
};

describe('deleting an account', () => {
  it('erases its contact details in stored events and responses, and later ones contain none', async () => {
    using receiver = await WebhookReceiver.start();
    receiver.respond = (response, { body }) => response.writeHead(500).end(body);
    await subscribe([...WEBHOOK_EVENT_TYPES], receiver.url);
    const fields = { email: 'erase-me@example.com', phone: '+447894999888' };
    const { id, username } = await createTestAccount(db.database, administrator, fields);
    await deliverDueWebhooks(db.database);
    await resetApiKey(db.database, administrator, { id });
    expect(await dump()).toContain(fields.email);
    await deleteApiAccount(db.database, administrator, { id, username });
    expect(await dump()).not.toMatch(/erase-me|447894999888/);
    receiver.received.splice(0);
    await db.pool.query(
      "update webhook_deliveries set next_attempt_at = now(), window_started_at = now() - interval '1 hour' where state = 'pending'",
    );
    await deliverDueWebhooks(db.database);
    expect(receiver.received.length).toBeGreaterThan(2);
    expect(JSON.stringify(receiver.received)).not.toMatch(/erase-me|447894999888/);
    expect(await dump()).not.toMatch(/erase-me|447894999888/);
  });

  it('also erases the response to an attempt that is in progress', async () => {
    using receiver = await WebhookReceiver.start();
    await subscribe(['api_account.created'], receiver.url);
    const { id, username } = await createTestAccount(db.database, administrator, {
      email: 'erase-me@example.com',
    });
    receiver.respond = async (response, { body }) => {
      await deleteApiAccount(db.database, administrator, { id, username });
      response.writeHead(200).end(body);
    };
    await deliverDueWebhooks(db.database);
    expect(receiver.received[0]?.body).toContain('erase-me');
    expect(await dump()).not.toContain('erase-me');
  });
});
