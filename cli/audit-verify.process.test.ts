import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrateAndGrant } from '#db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { pruneAuditLog } from '#lib/audit/prune.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { addUnchained, createTestAuditLog, rehash } from '#lib/testing/audit-log.ts';
import { tryLock } from '../scripts/file-lock.ts';
import { checkAuditLog } from './check-audit-log.ts';
import { performHere, spawnProgram } from './test-command.ts';

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-audit-'));
});
afterAll(async () => {
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

const at = (databaseUrl = '') => ({ DATABASE_URL: databaseUrl, STAGEDOOR_DATA: folder });
const run = (databaseUrl?: string, ...args: string[]) => performHere(checkAuditLog, at(databaseUrl), ...args);
/** As `npm run audit:verify` does it. */
const spawn = (databaseUrl?: string) => spawnProgram('cli/audit-verify.ts', at(databaseUrl));

async function record(url: string, count: number): Promise<void> {
  const { database, close } = connectDatabase(url);
  await withTransaction(database, async (transaction) => {
    for (let index = 0; index < count; index += 1)
      recordAuditEvent(transaction, 'sign_out', { userId: null });
  });
  await close();
}

it('checks the database of DATABASE_URL, prints what to note, and compares with what was noted', async () => {
  await record(test.url, 3);
  await addUnchained(test, 'x', '1 day');
  const right = await run(test.url);
  expect(right).toMatchObject({ code: 0, said: expect.stringContaining('Right: 3 entries') });
  expect(right.said).toContain('Not checked: 1 entry from before there was a chain');
  const [noted = ''] = /3:[0-9a-f]{64}:2\S+Z$/m.exec(right.said) ?? [];
  await record(test.url, 1);
  const later = await run(test.url, '--noted', noted);
  expect(later).toMatchObject({ code: 0, said: expect.stringContaining('It goes on from what was noted.') });
  await test.pool.query("update audit_events set act = 'x' where position = 2");
  const wrong = await spawn(test.url);
  expect(wrong).toMatchObject({
    code: 1,
    said: expect.stringContaining('WRONG at position 2: Entry 2 is not'),
  });
  expect(wrong.said).not.toContain('--noted');
}, 60_000);

it('does not call right what a note can no longer be compared with', async () => {
  const aged = await createTestAuditLog(4);
  await aged.pool.query("update audit_events set at = at - interval '100 days' where position <= 2");
  await rehash(aged, 1);
  const placeOf = async () => /\d+:[0-9a-f]{64}:2\S+Z$/m.exec((await run(aged.url)).said)?.[0] ?? '';
  const old = `1:${'a'.repeat(64)}`;
  const dated = `${old}:${new Date(Date.now() - 100 * 86_400_000).toISOString()}`;
  const young = `${old}:${new Date().toISOString()}`;
  const last = await placeOf();
  expect(await pruneAuditLog(aged.database, 90)).toBe(2);
  const noting = (...places: string[]) => run(aged.url, ...places.flatMap((place) => ['--noted', place]));
  expect(await noting(dated, last)).toMatchObject({ code: 0, said: expect.stringContaining('old enough') });
  expect(await noting(dated)).toMatchObject({ code: 2, said: expect.stringContaining('a younger note') });
  expect(await noting(old, last)).toMatchObject({
    code: 2,
    said: expect.stringContaining('Without its time'),
  });
  expect(await noting(young, last)).toMatchObject({ code: 1, said: expect.stringContaining('is missing') });
  await aged.drop();
}, 60_000);

it('warns that the audit log is not protected from a superuser', async () => {
  const { warning } = await migrateAndGrant({ databaseUrl: test.url, embedded: false, mayPrune: false });
  expect(warning).toContain('the audit log is not protected from the database user');
  expect(warning).toContain('who is a superuser');
});

it('says what it takes, and what is missing', async () => {
  expect(await run('', '--noted', 'x')).toMatchObject({
    code: 2,
    said: expect.stringContaining('no position and digest'),
  });
  expect(await run('', '--from', 'x')).toMatchObject({ code: 2, said: expect.stringContaining('--noted') });
  expect(await spawn()).toMatchObject({ code: 2, said: expect.stringContaining('There is no database in') });
}, 60_000);

it('checks a data folder whether its database runs or not; the programs get a role that cannot change it', async () => {
  const options = { folder: path.join(folder, 'postgres'), parameters: { fsync: 'off' } };
  const server = await startEmbeddedPostgres(options);
  // As an earlier version left it, without the role; and then two starts.
  const start = async () =>
    (await migrateAndGrant({ databaseUrl: server.url, embedded: true, mayPrune: false })).url;
  expect(await start()).toBe(await start());
  const url = await start();
  expect(new URL(url).username).toBe('stagedoor_app');
  await record(url, 2);
  const { pool, close } = connectDatabase(url);
  await expect(pool.query('delete from audit_events')).rejects.toThrow('permission denied');
  await close();
  const release = await tryLock(path.join(folder, 'lock'));
  expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('Right: 2 entries') });
  release?.();
  await server.stop();
  expect(await spawn()).toMatchObject({ code: 0, said: expect.stringContaining('Right: 2 entries') });
  const again = await startEmbeddedPostgres(options);
  await again.stop();
}, 120_000);
