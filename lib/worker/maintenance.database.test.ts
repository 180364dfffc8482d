import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { getOutboxFolder, readOutbox, writeToOutbox } from '#lib/notifications/providers/outbox.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { addUnchainedEvent } from '#lib/testing/audit-log.ts';
import { until } from '#lib/testing/until.ts';
import { startMaintenance, startOutboxErasure, startSealedKeyDeletion } from './maintenance.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Inserts a minute of usage that is old enough to be rolled up. */
const insertOldMinute = () =>
  db.pool.query(
    "insert into api_account_minutes values (gen_random_uuid(), now() - interval '960 hours', 5, 0, 0)",
  );

/** Waits until usage was rolled up to this many days. */
async function waitForDays(count: number): Promise<void> {
  const read = async () => (await db.pool.query('select from api_account_days')).rowCount;
  expect(await until(read, (rows) => rows === count)).toBe(count);
}

describe('startMaintenance', () => {
  it('rolls up usage immediately and again after the interval', async () => {
    await insertOldMinute();
    const maintenance = startMaintenance(db.database, 20);
    await waitForDays(1);
    await insertOldMinute();
    await waitForDays(2);
    await maintenance.stop();
  });

  it('logs a failure of the roll-up and continues', async () => {
    const stderr = vi.mocked(process.stderr.write);
    await db.pool.query('truncate api_account_days');
    await db.pool.query('alter table api_account_minutes rename to elsewhere');
    const maintenance = startMaintenance(db.database, 20);
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.roll_up_failed'));
    await db.pool.query('alter table elsewhere rename to api_account_minutes');
    await insertOldMinute();
    await waitForDays(1);
    await maintenance.stop();
  });

  it('deletes webhook receipts that are older than a day', async () => {
    await db.pool.query(
      `insert into webhook_receipts (id, signed_at, received_at) values
        ('old', now() - interval '26 hours', now() - interval '25 hours'), ('new', now(), now() - interval '23 hours')`,
    );
    const maintenance = startMaintenance(db.database);
    await maintenance.stop();
    expect((await db.pool.query('select id from webhook_receipts')).rows).toEqual([{ id: 'new' }]);
  });

  it('queues reminders of expiries and the overviews, also after a failure', async () => {
    const stderr = vi.mocked(process.stderr.write);
    const administrator = await createTestAdministrator(db.database);
    const { id } = await createTestAccount(db.database, administrator);
    await db.pool.query("update api_accounts set expires_at = now() + interval '5 days' where id = $1", [id]);
    await letTimePass(db.database, (await createTestAccount(db.database, administrator)).id, '8 days');
    const { id: tokenId } = await createTestAccessToken(db.database, ['accounts:read'], { administrator });
    await db.pool.query("update access_tokens set expires_at = now() + interval '5 days' where id = $1", [
      tokenId,
    ]);
    await db.pool.query('alter table overviews rename to elsewhere');
    const maintenance = startMaintenance(db.database, 20);
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.reminders_not_queued'));
    await db.pool.query('alter table elsewhere rename to overviews');
    const kinds = ['expiry_overview', 'expiry_reminder', 'token_overview', 'unused_overview'];
    const read = async () => {
      const { rows } = await db.pool.query('select kind from messages where kind = any ($1) order by kind', [
        kinds,
      ]);
      return rows.map(({ kind }) => kind);
    };
    expect(await until(read, (found) => found.length === kinds.length)).toEqual(kinds);
    await maintenance.stop();
    await db.pool.query('delete from users where id = $1', [administrator.userId]);
  });

  it('deletes old audit events only if a retention period is set', async () => {
    await addUnchainedEvent(db, { action: 'old', age: '5 years' });
    const countOldEvents = async () =>
      (await db.pool.query("select from audit_events where action = 'old'")).rowCount;
    await db.pool.query('truncate api_account_days');
    await insertOldMinute();
    const withoutRetention = startMaintenance(db.database, 60_000);
    await waitForDays(1);
    await withoutRetention.stop();
    expect(await countOldEvents()).toBe(1);
    settings().auditRetentionDays = 365;
    const withRetention = startMaintenance(db.database, 60_000);
    expect(await until(countOldEvents, (rows) => rows === 0)).toBe(0);
    await withRetention.stop();
    settings().auditRetentionDays = null;
  });
});

describe('startSealedKeyDeletion', () => {
  it('deletes sealed keys when they expire, not before, and continues after a failure', async () => {
    const stderr = vi.mocked(process.stderr.write);
    const administrator = await createTestAdministrator(db.database);
    const account = await createTestAccount(db.database, administrator);
    const reveal = await readCurrentReveal(db.database, account.id);
    await submitCode(db.database, { ...reveal, retrySecret: 'r'.repeat(43) });
    const countKeys = async () => (await db.pool.query('select from sealed_keys')).rowCount;
    const firstRun = startSealedKeyDeletion(db.database);
    await firstRun.stop();
    expect(await countKeys()).toBe(1);
    await letTimePass(db.database, account.id, '121 seconds');
    await db.pool.query('alter table sealed_keys rename to elsewhere');
    const deletion = startSealedKeyDeletion(db.database, 20);
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.sealed_keys_not_deleted'));
    await db.pool.query('alter table elsewhere rename to sealed_keys');
    expect(await until(countKeys, (rows) => rows === 0)).toBe(0);
    await deletion.stop();
  });
});

describe('startOutboxErasure', () => {
  it('removes deleted messages in embedded mode only, and continues after a failure', async () => {
    const stderr = vi.mocked(process.stderr.write);
    const dataFolder = await mkdtemp(path.join(tmpdir(), 'stagedoor-outbox-'));
    const folder = getOutboxFolder(dataFolder);
    const content = { channel: 'sms', to: '+447894123456', subject: null, text: 'code', html: null } as const;
    await writeToOutbox(folder, { id: randomUUID(), ...content });
    Object.assign(settings(), { dataFolder, isEmbedded: false });
    await startOutboxErasure(db.database).stop();
    expect(await readOutbox(folder)).toHaveLength(1);
    settings().isEmbedded = true;
    await db.pool.query('alter table messages rename to elsewhere');
    const erasure = startOutboxErasure(db.database, 20);
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.outbox_not_erased'));
    await db.pool.query('alter table elsewhere rename to messages');
    expect(
      await until(
        () => readOutbox(folder),
        (messages) => messages.length === 0,
      ),
    ).toEqual([]);
    await erasure.stop();
    await rm(dataFolder, { recursive: true });
  });
});
