import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { findPostgresBinaries } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { hammerThroughRevocations } from '#lib/testing/revocations.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startVerifierProcess, type VerifierProcess } from '#lib/testing/service-processes.ts';
import { until as waitUntil } from '#lib/testing/until.ts';
import { ask } from '#lib/testing/verifying.ts';
import { query, until } from './postgres-server.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

/** The administrator's commits that wait for the standby. (The verifier's counts may, too.) */
const WAITING = "pg_stat_activity where wait_event = 'SyncRep' and application_name = 'stagedoor'";

const ROUNDS = atScale({ normal: 5, soak: 25 });

let folder: string;
let servers: ReplicatedPostgres;
let connection: Connection;
let administrator: Administrator;
let verifier: VerifierProcess;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-standby-'));
  const programs = await findPostgresBinaries();
  // Nothing is written out by the way: what was killed begins again where the last checkpoint was.
  const parameters = { fsync: 'off', bgwriter_lru_maxpages: '0' };
  servers = await ReplicatedPostgres.start({ folder, programs, standbys: ['standby_1'], parameters });
  await migrate(servers.primary.url);
  connection = connectDatabase(servers.primary.url);
  administrator = await testAdministrator(connection.database);
  const [standby] = servers.standbys;
  verifier = await startVerifierProcess({ main: servers.primary.url, lookup: standby?.url ?? '' });
}, 120_000);
afterAll(async () => {
  await verifier.stop();
  await connection.close();
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const onStandby = (statement: string) => query(servers.standbys[0]?.url ?? '', statement);

/**
 * Unticks an account of its own while the standby receives and does not show.
 * @param synchronous_commit what the untick waits for; all that came before it, the standby shows
 */
async function untickUnseen(synchronous_commit = 'remote_apply') {
  const account = await testAccount(connection.database, administrator);
  const key = await revealKey(connection.database, account.id);
  const status = async () => (await ask(verifier.port, { headers: { 'X-API-Key': key } })).status;
  expect(await status()).toBe(200);
  await servers.waitFor({ synchronous_commit });
  await onStandby('select pg_wal_replay_pause()');
  const unticking = updateApiAccount(connection.database, administrator, { ...account, active: false });
  // Whoever awaits it sees it fail; until then nobody does.
  unticking.catch(() => {});
  return { unticking, status };
}

it('lets no request through on a standby that began after a revocation was answered', async () => {
  const { judged, wrong } = await hammerThroughRevocations({
    database: connection.database,
    administrator,
    ports: [verifier.port],
    connectionsPerVerifier: 8,
    rounds: ROUNDS,
  });
  expect(wrong).toEqual({});
  expect(judged).toBeGreaterThanOrEqual(ROUNDS * 4 * 8);
}, 240_000);

it('answers an act only once the standby shows it', async () => {
  const { unticking, status } = await untickUnseen();
  await until(servers.primary.url, `exists (select from ${WAITING})`);
  // Nobody has been told yet.
  expect(await status()).toBe(200);
  await onStandby('select pg_wal_replay_resume()');
  expect(await unticking).toMatchObject({ ok: true });
  expect(await status()).toBe(403);
});

it('does not take an act for done whose wait for the standby was cancelled', async () => {
  const { unticking, status } = await untickUnseen();
  await until(servers.primary.url, `exists (select from ${WAITING})`);
  await query(servers.primary.url, `select pg_cancel_backend(pid) from ${WAITING}`);
  await expect(unticking).rejects.toThrow('the commit was not confirmed');
  expect(await status()).toBe(200);
  await onStandby('select pg_wal_replay_resume()');
  await until(
    servers.primary.url,
    'select bool_and(replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication',
  );
  expect(await status()).toBe(403);
});

it('notices where acts do not wait: the standby then shows what was revoked', async () => {
  const { unticking, status } = await untickUnseen('local');
  expect(await unticking).toMatchObject({ ok: true });
  expect(await status()).toBe(200);
  await onStandby('select pg_wal_replay_resume()');
  await servers.waitFor({ synchronous_commit: 'remote_apply' });
});

it('does not believe a standby that was killed before it has replayed all that it had shown', async () => {
  const [standby] = servers.standbys;
  const account = await testAccount(connection.database, administrator);
  const key = await revealKey(connection.database, account.id);
  const status = async () => (await ask(verifier.port, { headers: { 'X-API-Key': key } })).status;
  // From here on it would begin again, and call its files consistent.
  await query(servers.primary.url, 'checkpoint');
  await until(
    servers.primary.url,
    'select bool_and(replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication',
  );
  await onStandby('checkpoint');
  await updateApiAccount(connection.database, administrator, { ...account, active: false });
  expect(await status()).toBe(403);
  await standby?.stop('immediate');
  // It is open for reading, and replays no commit: as one does for a moment that has much to replay.
  await standby?.start({ recovery_min_apply_delay: '1h' });
  expect(await onStandby(`select active from api_accounts where id = '${account.id}'`)).toEqual([
    { active: true },
  ]);
  expect(await status()).toBe(503);
  await standby?.stop('immediate');
  await standby?.start({});
  await until(
    servers.primary.url,
    "select exists (select from pg_stat_replication where state = 'streaming')",
  );
  await waitUntil(status, (now) => now !== 503);
  expect(await status()).toBe(403);
});
