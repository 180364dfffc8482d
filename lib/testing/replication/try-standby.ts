import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '#db/client.ts';
import { migrate } from '#db/migrate.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import {
  loadTestRevocations,
  type RevocationLoadOptions,
  type RevocationLoadResult,
} from '#lib/testing/revocations.ts';
import { startVerifierProcess } from '#lib/testing/service-processes.ts';
import { stopRequest } from '../../../scripts/terminal.ts';
import { findPostgres } from './find-postgres.ts';
import { pollUntil, query } from './postgres-server.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

const STANDBYS = ['standby_1', 'standby_2'];
const LIST = STANDBYS.join(', ');
const CONNECTIONS = 8;

const ALL = `FIRST 2 (${LIST})`;
/** Replay delay of the slow standby. */
const SLOW = '20ms';

type Trial = {
  title: string;
  settings: { synchronous_standby_names: string; synchronous_commit: string };
  isOneSlow: boolean;
  /** Each round has a deactivation, a reactivation and a reset. */
  rounds: number;
  isWrongExpected: boolean;
};

const TRIALS: Trial[] = [
  {
    title: `as in docs/explanation/scaling.md: remote_apply, ${ALL}`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'remote_apply' },
    isOneSlow: false,
    rounds: 200,
    isWrongExpected: false,
  },
  {
    title: `the same, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'remote_apply' },
    isOneSlow: true,
    rounds: 50,
    isWrongExpected: false,
  },
  {
    title: `control: local, which waits for no standby, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'local' },
    isOneSlow: true,
    rounds: 50,
    isWrongExpected: true,
  },
  {
    title: `control: remote_apply, ANY 1 (${LIST}), which waits for either, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: `ANY 1 (${LIST})`, synchronous_commit: 'remote_apply' },
    isOneSlow: true,
    rounds: 50,
    isWrongExpected: true,
  },
];

const startedAt = performance.now();
const log = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const countWrong = ({ wrong }: RevocationLoadResult) =>
  Object.values(wrong).reduce((sum, count) => sum + count, 0);

/** Clean-up steps, run in reverse order at the end. */
const cleanup: (() => Promise<unknown>)[] = [];

async function startServers(): Promise<ReplicatedPostgres> {
  const programs = findPostgres();
  log(`a primary and ${STANDBYS.length} standbys, with ${path.dirname(programs.postgres)}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-standby-'));
  cleanup.push(() => rm(folder, { recursive: true, force: true }));
  const starting = ReplicatedPostgres.start({ folder, programs, standbys: STANDBYS });
  // If a stop is requested meanwhile, the servers are stopped once they have started.
  cleanup.push(() => starting.then((servers) => servers.stop()).catch(() => {}));
  return starting;
}

/** Starts a verifier per standby, for key lookups there and writes to the primary, and one on the primary only. */
async function startVerifiers({ primary, standbys }: ReplicatedPostgres): Promise<number[]> {
  log(`${standbys.length} verifiers that look keys up on a standby each, and one on the primary`);
  const lookups = [...standbys, primary].map(({ url }) => url);
  const starting = lookups.map((lookup) => startVerifierProcess({ main: primary.url, lookup }));
  cleanup.push(async () => {
    for (const started of await Promise.allSettled(starting))
      if (started.status === 'fulfilled') await started.value.stop();
  });
  return Promise.all(starting.map(async (verifier) => (await verifier).port));
}

/** Waits until verifiers are connected to the standbys: otherwise the trial would prove nothing. */
async function waitForReaders({ standbys }: ReplicatedPostgres): Promise<void> {
  const condition = `pg_is_in_recovery() and exists (
    select from pg_stat_activity where application_name like 'stagedoor verifier%')`;
  await Promise.all(standbys.map(({ url }) => pollUntil(url, condition)));
}

/** Sets the replay delay of the last standby. */
async function setReplayDelay({ standbys }: ReplicatedPostgres, delay: string): Promise<void> {
  const { url = '' } = standbys.at(-1) ?? {};
  await query(url, `alter system set recovery_min_apply_delay = '${delay}'`, 'select pg_reload_conf()');
}

async function runTrials(
  servers: ReplicatedPostgres,
  options: Omit<RevocationLoadOptions, 'rounds'>,
): Promise<boolean> {
  const lines: string[] = [];
  let isAsExpected = true;
  for (const { title, settings, isOneSlow, rounds, isWrongExpected } of TRIALS) {
    await setReplayDelay(servers, isOneSlow ? SLOW : '0');
    await servers.waitFor(settings);
    log(title);
    const onRound = (round: number, result: RevocationLoadResult) => {
      if (round % 25 !== 0) return;
      log(`  ${round} of ${rounds} rounds: ${result.judged} judged, ${countWrong(result)} wrong`);
    };
    const result = await loadTestRevocations({ ...options, rounds, onRound });
    const wrong = countWrong(result);
    if (wrong > 0 !== isWrongExpected) isAsExpected = false;
    lines.push(`${String(result.judged).padStart(7)} judged ${String(wrong).padStart(6)} wrong   ${title}`);
  }
  console.log(`\n${lines.join('\n')}\n`);
  return isAsExpected;
}

async function tryStandbys(): Promise<boolean> {
  const servers = await startServers();
  await migrate(servers.primary.url);
  const { database, close } = connectDatabase(servers.primary.url);
  cleanup.push(close);
  const administrator = await testAdministrator(database);
  const ports = await startVerifiers(servers);
  await waitForReaders(servers);
  const isAsExpected = await runTrials(servers, {
    database,
    administrator,
    ports,
    connectionsPerVerifier: CONNECTIONS,
  });
  console.log(
    isAsExpected
      ? 'As promised: no wrong answer on standbys that every act waits for, and some where it does not.'
      : 'NOT as promised: see the counts above.',
  );
  return isAsExpected;
}

// The trial uses its own database and secret, whatever is configured on this machine.
Object.assign(process.env, {
  STAGEDOOR_EMBEDDED: '1',
  DATABASE_URL: '',
  AUTH_SECRET: randomBytes(32).toString('hex'),
});
const signal = stopRequest();
const stopped = new Promise<boolean>((resolve) => {
  signal.addEventListener('abort', () => {
    log('stopping');
    resolve(false);
  });
});
try {
  process.exitCode = (await Promise.race([tryStandbys(), stopped])) ? 0 : 1;
} catch (error) {
  console.error(signal.aborted ? 'stopped' : error);
  process.exitCode = 1;
} finally {
  for (const step of cleanup.reverse()) await step();
}
process.exit();
