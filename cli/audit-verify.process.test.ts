import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrateAndGrant } from '#db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { pruneAuditLog } from '#lib/audit/prune.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { addUnchainedEvent, createTestAuditLog, recomputeDigests } from '#lib/testing/audit-log.ts';
import { copyMigratedCluster } from '#lib/testing/migrated-cluster.ts';
import { tryLock } from '../scripts/file-lock.ts';
import { checkAuditLog } from './check-audit-log.ts';
import { runInProcess, spawnProgram } from './test-command.ts';

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-audit-'));
});
afterAll(async () => {
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The password of the services' role. */
const appPassword = 'only-for-tests';

const environmentFor = (databaseUrl = '') => ({ DATABASE_URL: databaseUrl, STAGEDOOR_DATA: folder });
const run = (databaseUrl?: string, ...args: string[]) =>
  runInProcess(checkAuditLog, environmentFor(databaseUrl), ...args);
/** Runs the command in a child process, as `npm run audit:verify` does. */
const spawn = (databaseUrl?: string) => spawnProgram('cli/audit-verify.ts', environmentFor(databaseUrl));

async function recordEvents(url: string, count: number): Promise<void> {
  const { database, close } = connectDatabase(url);
  await withTransaction(database, async (transaction) => {
    for (let index = 0; index < count; index += 1)
      recordAuditEvent(transaction, 'sign_out', { userId: null });
  });
  await close();
}

describe('npm run audit:verify', () => {
  it('prints a checkpoint of an empty log that it accepts later', async () => {
    const empty = await createTestDatabase();
    const first = await run(empty.url);
    const [checkpoint = ''] = /(?<=--checkpoint )\S+$/m.exec(first.output) ?? [];
    expect(checkpoint).toMatch(/^0:[0-9a-f]{64}$/);
    await recordEvents(empty.url, 1);
    expect(await run(empty.url, '--checkpoint', checkpoint)).toMatchObject({
      code: 0,
      output: expect.stringContaining('The log matches the checkpoint.'),
    });
    await empty.drop();
  });

  it('verifies the database of DATABASE_URL, prints a checkpoint, and compares with an earlier one', async () => {
    await recordEvents(db.url, 3);
    await addUnchainedEvent(db, { action: 'x', age: '1 day' });
    const intact = await run(db.url);
    expect(intact).toMatchObject({ code: 0, output: expect.stringContaining('Verified: 3 entries') });
    expect(intact.output).toContain('Not checked: 1 entry from before the chain began');
    const [checkpoint = ''] = /3:[0-9a-f]{64}:2\S+Z$/m.exec(intact.output) ?? [];
    await recordEvents(db.url, 1);
    const later = await run(db.url, '--checkpoint', `\u00a0${checkpoint}\u200b`);
    expect(later).toMatchObject({
      code: 0,
      output: expect.stringContaining('The log matches the checkpoint.'),
    });
    await db.pool.query("update audit_events set action = 'x' where position = 2");
    const tampered = await spawn(db.url);
    expect(tampered).toMatchObject({
      code: 1,
      output: expect.stringContaining("FAILED at entry 2: Entry 2 doesn't match"),
    });
    expect(tampered.output).not.toContain('--checkpoint');
  });

  it('says for how many entries the contact details were erased, and fails if they are missing otherwise', async () => {
    const erased = await createTestDatabase();
    const administrator = await createTestAdministrator(erased.database);
    await createTestAccount(erased.database, administrator);
    const account = await createTestAccount(erased.database, administrator);
    await deleteApiAccount(erased.database, administrator, account);
    expect(await run(erased.url)).toMatchObject({
      code: 0,
      output: expect.stringContaining('The contact details of 1 entry were erased'),
    });
    await erased.pool.query('delete from audit_erasable_details');
    expect(await run(erased.url)).toMatchObject({
      code: 1,
      output: expect.stringContaining('The contact details of entry 1 are missing'),
    });
    await erased.drop();
  });

  it('distinguishes a checkpoint that the retention made too old from one whose entry is missing', async () => {
    const aged = await createTestAuditLog(4);
    await aged.pool.query("update audit_events set at = at - interval '100 days' where position <= 2");
    await recomputeDigests(aged, 1);
    const readCheckpoint = async () =>
      /\d+:[0-9a-f]{64}:2\S+Z$/m.exec((await run(aged.url)).output)?.[0] ?? '';
    const undated = `1:${'a'.repeat(64)}`;
    const old = `${undated}:${new Date(Date.now() - 100 * 86_400_000).toISOString()}`;
    const recent = `${undated}:${new Date().toISOString()}`;
    const last = await readCheckpoint();
    expect(await pruneAuditLog(aged.database, 90)).toBe(2);
    const compareWith = (...checkpoints: string[]) =>
      run(aged.url, ...checkpoints.flatMap((checkpoint) => ['--checkpoint', checkpoint]));
    expect(await compareWith(old, last)).toMatchObject({
      code: 0,
      output: expect.stringContaining('old enough'),
    });
    expect(await compareWith(old)).toMatchObject({
      code: 2,
      output: expect.stringContaining('Use a more recent one'),
    });
    expect(await compareWith(undated, last)).toMatchObject({
      code: 2,
      output: expect.stringContaining('without a time'),
    });
    expect(await compareWith(recent, last)).toMatchObject({
      code: 1,
      output: expect.stringContaining('is missing'),
    });
    await aged.drop();
  });

  it('explains invalid arguments and a missing database', async () => {
    expect(await run('', '--checkpoint', 'x')).toMatchObject({
      code: 2,
      output: expect.stringContaining("isn't a checkpoint"),
    });
    expect(await run('', '--from', 'x')).toMatchObject({
      code: 2,
      output: expect.stringContaining('--checkpoint'),
    });
    expect(await spawn()).toMatchObject({
      code: 2,
      output: expect.stringContaining('There is no database in'),
    });
  });

  it('verifies a data folder, whose services have a role that cannot change the audit log', async () => {
    const options = { folder: path.join(folder, 'postgres'), parameters: { fsync: 'off' } };
    await copyMigratedCluster(options.folder);
    const server = await startEmbeddedPostgres(options);
    // The first migration creates the role, and later ones keep it.
    const migrateForServices = async () =>
      (await migrateAndGrant({ databaseUrl: server.url, appPassword, mayPrune: false })).url;
    expect(await migrateForServices()).toBe(await migrateForServices());
    const url = await migrateForServices();
    expect(new URL(url).username).toBe('stagedoor_app');
    await recordEvents(url, 2);
    const { pool, close } = connectDatabase(url);
    await expect(pool.query('delete from audit_events')).rejects.toThrow('permission denied');
    await close();
    // A running Stagedoor holds this lock.
    const release = await tryLock(path.join(folder, 'lock'));
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('Verified: 2 entries') });
    release?.();
    await server.stop();
    expect(await spawn()).toMatchObject({ code: 0, output: expect.stringContaining('Verified: 2 entries') });
    // The command leaves a data folder on which the server can start again.
    const restarted = await startEmbeddedPostgres(options);
    await restarted.stop();
  });
});

describe('migrateAndGrant', () => {
  it('returns a warning if the database user, as a superuser, can change the audit log', async () => {
    const { warning } = await migrateAndGrant({ databaseUrl: db.url, mayPrune: false });
    expect(warning).toContain('the audit log is not protected from the database user');
    expect(warning).toContain('who is a superuser');
  });
});
