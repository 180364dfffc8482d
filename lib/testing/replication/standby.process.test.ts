import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { findPostgresBinaries } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { checkRevocationsUnderLoad } from '#lib/testing/revocations.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startVerifierProcess, type VerifierProcess } from '#lib/testing/service-processes.ts';
import { until } from '#lib/testing/until.ts';
import { requestVerifier } from '#lib/testing/verifier.ts';
import { pollUntil, query } from './postgres-server.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

const selectWaiting = (application: string) =>
  `pg_stat_activity where wait_event = 'SyncRep' and application_name = '${application}'`;
/** The administrator's commits that wait for the standby. */
const WAITING_COMMITS = selectWaiting('stagedoor');
/** The verifier's commits that wait for it. Its counts do not wait. */
const WAITING_ENDS = selectWaiting('stagedoor verifier');

const ROUNDS = atScale({ normal: 5, soak: 25 });

let folder: string;
let servers: ReplicatedPostgres;
let connection: Connection;
let administrator: Administrator;
let verifier: VerifierProcess;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-standby-'));
  const programs = await findPostgresBinaries();
  // Turn off background writes, so that the files of a killed server are those of its last checkpoint.
  const parameters = { fsync: 'off', bgwriter_lru_maxpages: '0' };
  servers = await ReplicatedPostgres.start({ folder, programs, standbys: ['standby_1'], parameters });
  await migrate(servers.primary.url);
  connection = connectDatabase(servers.primary.url);
  administrator = await createTestAdministrator(connection.database);
  const [standby] = servers.standbys;
  verifier = await startVerifierProcess({ main: servers.primary.url, lookup: standby?.url ?? '' });
});
afterAll(async () => {
  await verifier.stop();
  await connection.close();
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
});

const queryStandby = (statement: string) => query(servers.standbys[0]?.url ?? '', statement);

/**
 * Deactivates a new account while the standby receives WAL but does not replay it.
 * @param synchronous_commit what the deactivation waits for
 */
async function deactivateWithoutReplay(synchronous_commit = 'remote_apply') {
  const account = await createTestAccount(connection.database, administrator);
  const key = await revealKey(connection.database, account.id);
  const status = async () => (await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status;
  expect(await status()).toBe(200);
  await servers.setReplication({ synchronous_commit });
  await queryStandby('select pg_wal_replay_pause()');
  const deactivation = updateApiAccount(connection.database, administrator, { ...account, active: false });
  // Prevents an unhandled rejection until the promise is awaited.
  deactivation.catch(() => {});
  return { deactivation, status };
}

it('accepts no request that started after a revocation was confirmed, with lookups on a standby', async () => {
  const { checkedCount, wrongResponses } = await checkRevocationsUnderLoad({
    database: connection.database,
    administrator,
    ports: [verifier.port],
    connectionsPerVerifier: 8,
    rounds: ROUNDS,
  });
  expect(wrongResponses).toEqual({});
  // Each of the eight connections checks a request in each of a round's four phases.
  expect(checkedCount).toBeGreaterThanOrEqual(ROUNDS * 4 * 8);
});

it('confirms a deactivation only once the standby has replayed it', async () => {
  const { deactivation, status } = await deactivateWithoutReplay();
  await pollUntil(servers.primary.url, `exists (select from ${WAITING_COMMITS})`);
  // The deactivation has not been confirmed yet.
  expect(await status()).toBe(200);
  await queryStandby('select pg_wal_replay_resume()');
  expect(await deactivation).toMatchObject({ ok: true });
  expect(await status()).toBe(403);
});

it('does not confirm a deactivation if its wait for the standby is cancelled', async () => {
  const { deactivation, status } = await deactivateWithoutReplay();
  await pollUntil(servers.primary.url, `exists (select from ${WAITING_COMMITS})`);
  await query(servers.primary.url, `select pg_cancel_backend(pid) from ${WAITING_COMMITS}`);
  await expect(deactivation).rejects.toThrow('the commit was not confirmed');
  expect(await status()).toBe(200);
  // Only the wait was cancelled: the deactivation is committed, and takes effect once the standby replays it.
  await queryStandby('select pg_wal_replay_resume()');
  await pollUntil(
    servers.primary.url,
    'select bool_and(replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication',
  );
  expect(await status()).toBe(403);
});

it('allows the first use of a new key only once the standby shows the end of the old one', async () => {
  const account = await createTestAccount(connection.database, administrator);
  const oldKey = await revealKey(connection.database, account.id);
  await resetApiKey(connection.database, administrator, { id: account.id, oldKey: 'on_first_use' });
  const newKey = await revealKey(connection.database, account.id);
  const verify = async (key: string) =>
    (await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status;
  await queryStandby('select pg_wal_replay_pause()');
  const firstUse = verify(newKey);
  await pollUntil(servers.primary.url, `exists (select from ${WAITING_ENDS})`);
  // A cancelled wait confirms nothing: the verifier writes again, and waits again.
  await query(servers.primary.url, `select pg_cancel_backend(pid) from ${WAITING_ENDS}`);
  expect(await verify(oldKey)).toBe(200);
  await pollUntil(servers.primary.url, `exists (select from ${WAITING_ENDS})`);
  await queryStandby('select pg_wal_replay_resume()');
  expect([200, 503]).toContain(await firstUse);
  expect(
    await until(
      () => verify(newKey),
      (status) => status === 200,
    ),
  ).toBe(200);
  expect(await verify(oldKey)).toBe(401);
});

it('allows no use of a new key that another standby may not show yet', async () => {
  const account = await createTestAccount(connection.database, administrator);
  const oldKey = await revealKey(connection.database, account.id);
  await resetApiKey(connection.database, administrator, { id: account.id, oldKey: 'on_first_use' });
  const newKey = await revealKey(connection.database, account.id);
  const verify = async (key: string) =>
    (await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status;
  // Commits also wait for a standby that does not exist.
  await servers.setReplication({ synchronous_standby_names: 'FIRST 2 (standby_1, standby_2)' });
  const firstUse = verify(newKey);
  await until(
    () => verify(oldKey),
    (status) => status === 401,
  );
  // The standby of this verifier shows the end, so a lookup alone would allow the new key.
  const secondUse = verify(newKey);
  expect(await Promise.race([firstUse, secondUse, delay(200, 'waiting')])).toBe('waiting');
  await servers.setReplication({ synchronous_standby_names: 'FIRST 1 (standby_1)' });
  for (const status of await Promise.all([firstUse, secondUse])) expect([200, 503]).toContain(status);
  expect(
    await until(
      () => verify(newKey),
      (status) => status === 200,
    ),
  ).toBe(200);
});

it('still accepts a revoked key on the standby if replication is not synchronous', async () => {
  const { deactivation, status } = await deactivateWithoutReplay('local');
  expect(await deactivation).toMatchObject({ ok: true });
  expect(await status()).toBe(200);
  await queryStandby('select pg_wal_replay_resume()');
  await servers.setReplication({ synchronous_commit: 'remote_apply' });
});

it('responds 503 while a killed standby has not yet replayed what clients had seen on it', async () => {
  const [standby] = servers.standbys;
  const account = await createTestAccount(connection.database, administrator);
  const key = await revealKey(connection.database, account.id);
  const status = async () => (await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status;
  // The standby will restart from this checkpoint, and regard its files as consistent.
  await query(servers.primary.url, 'checkpoint');
  await pollUntil(
    servers.primary.url,
    'select bool_and(replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication',
  );
  await queryStandby('checkpoint');
  await updateApiAccount(connection.database, administrator, { ...account, active: false });
  expect(await status()).toBe(403);
  await standby?.stop('immediate');
  // The standby accepts reads but replays no commit, like a standby that has much to replay.
  await standby?.start({ recovery_min_apply_delay: '1h' });
  expect(await queryStandby(`select active from api_accounts where id = '${account.id}'`)).toEqual([
    { active: true },
  ]);
  expect(await status()).toBe(503);
  await standby?.stop('immediate');
  await standby?.start({});
  await pollUntil(
    servers.primary.url,
    "select exists (select from pg_stat_replication where state = 'streaming')",
  );
  await until(status, (current) => current !== 503);
  expect(await status()).toBe(403);
});
