import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '#db/client.ts';
import { migrate } from '#db/migrate.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import {
  checkRevocationsUnderLoad,
  type RevocationLoadOptions,
  type RevocationLoadResult,
} from '#lib/testing/revocations.ts';
import { startVerifierProcess } from '#lib/testing/service-processes.ts';
import { createStopSignal } from '../../../scripts/terminal.ts';
import { findPostgres } from './find-postgres.ts';
import { pollUntil, query } from './postgres-server.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

const STANDBYS = ['standby_1', 'standby_2'];
const STANDBY_LIST = STANDBYS.join(', ');
const CONNECTIONS = 8;

const ALL_STANDBYS = `FIRST 2 (${STANDBY_LIST})`;
/** The replay delay of the slow standby. */
const REPLAY_DELAY = '20ms';

/**
 * A replication setting under which revocations are checked. A control is a setting without the guarantee: it shows that
 * the check finds wrong responses.
 */
type Trial = {
  title: string;
  settings: { synchronous_standby_names: string; synchronous_commit: string };
  hasSlowStandby: boolean;
  /** Each round has a deactivation, a reactivation and a reset. */
  rounds: number;
  expectsWrongResponses: boolean;
};

const TRIALS: Trial[] = [
  {
    title: `as in docs/explanation/scaling.md: remote_apply, ${ALL_STANDBYS}`,
    settings: { synchronous_standby_names: ALL_STANDBYS, synchronous_commit: 'remote_apply' },
    hasSlowStandby: false,
    rounds: 200,
    expectsWrongResponses: false,
  },
  {
    title: `the same, and standby_2 replays ${REPLAY_DELAY} late`,
    settings: { synchronous_standby_names: ALL_STANDBYS, synchronous_commit: 'remote_apply' },
    hasSlowStandby: true,
    rounds: 50,
    expectsWrongResponses: false,
  },
  {
    title: `control: local, which waits for no standby, and standby_2 replays ${REPLAY_DELAY} late`,
    settings: { synchronous_standby_names: ALL_STANDBYS, synchronous_commit: 'local' },
    hasSlowStandby: true,
    rounds: 50,
    expectsWrongResponses: true,
  },
  {
    title: `control: remote_apply, ANY 1 (${STANDBY_LIST}), which waits for either, and standby_2 replays ${REPLAY_DELAY} late`,
    settings: { synchronous_standby_names: `ANY 1 (${STANDBY_LIST})`, synchronous_commit: 'remote_apply' },
    hasSlowStandby: true,
    rounds: 50,
    expectsWrongResponses: true,
  },
];

const startedAt = performance.now();
const log = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const countWrongResponses = ({ wrongResponses }: RevocationLoadResult) =>
  Object.values(wrongResponses).reduce((sum, count) => sum + count, 0);

/** Clean-up steps, run in reverse order at the end. */
const cleanup: (() => Promise<unknown>)[] = [];

async function startServers(): Promise<ReplicatedPostgres> {
  const programs = findPostgres();
  log(`starting a primary and ${STANDBYS.length} standbys, with ${path.dirname(programs.postgres)}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-standby-'));
  cleanup.push(() => rm(folder, { recursive: true, force: true }));
  const starting = ReplicatedPostgres.start({ folder, programs, standbys: STANDBYS });
  // If the user stops the program while the servers start, they are stopped once they have started.
  cleanup.push(() => starting.then((servers) => servers.stop()).catch(() => {}));
  return starting;
}

/** Starts a verifier per standby, which looks keys up there and writes to the primary, and one on the primary only. */
async function startVerifiers({ primary, standbys }: ReplicatedPostgres): Promise<number[]> {
  log(`starting ${standbys.length} verifiers that each look keys up on a standby, and one on the primary`);
  const lookups = [...standbys, primary].map(({ url }) => url);
  const starting = lookups.map((lookup) => startVerifierProcess({ main: primary.url, lookup }));
  cleanup.push(async () => {
    for (const started of await Promise.allSettled(starting))
      if (started.status === 'fulfilled') await started.value.stop();
  });
  return Promise.all(starting.map(async (verifier) => (await verifier).port));
}

/** Waits until verifiers are connected to the standbys: before that, a trial would not test the standbys. */
async function waitForVerifiers({ standbys }: ReplicatedPostgres): Promise<void> {
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
  for (const { title, settings, hasSlowStandby, rounds, expectsWrongResponses } of TRIALS) {
    await setReplayDelay(servers, hasSlowStandby ? REPLAY_DELAY : '0');
    await servers.setReplication(settings);
    log(title);
    const onRound = (round: number, result: RevocationLoadResult) => {
      if (round % 25 !== 0) return;
      log(
        `  ${round} of ${rounds} rounds: ${result.checkedCount} checked, ${countWrongResponses(result)} wrong`,
      );
    };
    const result = await checkRevocationsUnderLoad({ ...options, rounds, onRound });
    const wrongCount = countWrongResponses(result);
    if (wrongCount > 0 !== expectsWrongResponses) isAsExpected = false;
    lines.push(
      `${String(result.checkedCount).padStart(7)} checked ${String(wrongCount).padStart(6)} wrong   ${title}`,
    );
  }
  console.log(`\n${lines.join('\n')}\n`);
  return isAsExpected;
}

async function tryStandbys(): Promise<boolean> {
  const servers = await startServers();
  await migrate(servers.primary.url);
  const { database, close } = connectDatabase(servers.primary.url);
  cleanup.push(close);
  const administrator = await createTestAdministrator(database);
  const ports = await startVerifiers(servers);
  await waitForVerifiers(servers);
  const isAsExpected = await runTrials(servers, {
    database,
    administrator,
    ports,
    connectionsPerVerifier: CONNECTIONS,
  });
  console.log(
    isAsExpected
      ? 'As expected: no wrong response while commits wait for every standby, and some in the control trials.'
      : 'NOT as expected: see the counts above.',
  );
  return isAsExpected;
}

// The trial uses its own database and secret, whatever is configured on this machine.
Object.assign(process.env, {
  STAGEDOOR_EMBEDDED: '1',
  DATABASE_URL: '',
  AUTH_SECRET: randomBytes(32).toString('hex'),
});
const signal = createStopSignal();
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
