import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '#db/client.ts';
import { migrate } from '#db/migrate.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { type Hammered, type Hammering, hammerThroughRevocations } from '#lib/testing/revocations.ts';
import { startVerifierProcess } from '#lib/testing/service-processes.ts';
import { stopRequest } from '../../../scripts/terminal.ts';
import { findPostgres } from './find-postgres.ts';
import { query, until } from './postgres-server.ts';
import { ReplicatedPostgres } from './replicated-postgres.ts';

const STANDBYS = ['standby_1', 'standby_2'];
const LIST = STANDBYS.join(', ');
const CONNECTIONS = 8;

const ALL = `FIRST 2 (${LIST})`;
/** How much later than the primary one of the standbys shows a commit, where it is to be slow. */
const SLOW = '20ms';

type Trial = {
  title: string;
  settings: { synchronous_standby_names: string; synchronous_commit: string };
  isOneSlow: boolean;
  /** In each, one untick, one tick and one reset. */
  rounds: number;
  wrongIsExpected: boolean;
};

const TRIALS: Trial[] = [
  {
    title: `as in docs/scaling.md: remote_apply, ${ALL}`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'remote_apply' },
    isOneSlow: false,
    rounds: 200,
    wrongIsExpected: false,
  },
  {
    title: `the same, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'remote_apply' },
    isOneSlow: true,
    rounds: 50,
    wrongIsExpected: false,
  },
  {
    title: `control: local, which waits for no standby, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: ALL, synchronous_commit: 'local' },
    isOneSlow: true,
    rounds: 50,
    wrongIsExpected: true,
  },
  {
    title: `control: remote_apply, ANY 1 (${LIST}), which waits for either, and standby_2 is ${SLOW} slow`,
    settings: { synchronous_standby_names: `ANY 1 (${LIST})`, synchronous_commit: 'remote_apply' },
    isOneSlow: true,
    rounds: 50,
    wrongIsExpected: true,
  },
];

const begun = performance.now();
const say = (line: string) =>
  console.log(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const countWrong = ({ wrong }: Hammered) => Object.values(wrong).reduce((sum, count) => sum + count, 0);

/** What has to be undone at the end, the last first. */
const undo: (() => Promise<unknown>)[] = [];

async function startServers(): Promise<ReplicatedPostgres> {
  const programs = findPostgres();
  say(`a primary and ${STANDBYS.length} standbys, with ${path.dirname(programs.postgres)}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-standby-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const starting = ReplicatedPostgres.start({ folder, programs, standbys: STANDBYS });
  // Asked to stop meanwhile, they are stopped once they are there.
  undo.push(() => starting.then((servers) => servers.stop()).catch(() => {}));
  return starting;
}

/** Verifiers that look keys up on a standby each and write to the primary, and one that does both on the primary. */
async function startVerifiers({ primary, standbys }: ReplicatedPostgres): Promise<number[]> {
  say(`${standbys.length} verifiers that look keys up on a standby each, and one on the primary`);
  const lookups = [...standbys, primary].map(({ url }) => url);
  const starting = lookups.map((lookup) => startVerifierProcess({ main: primary.url, lookup }));
  undo.push(async () => {
    for (const started of await Promise.allSettled(starting))
      if (started.status === 'fulfilled') await started.value.stop();
  });
  return Promise.all(starting.map(async (verifier) => (await verifier).port));
}

/** The trial would prove nothing if verifiers looked keys up elsewhere. */
async function checkReaders({ standbys }: ReplicatedPostgres): Promise<void> {
  const condition = `pg_is_in_recovery() and exists (
    select from pg_stat_activity where application_name like 'stagedoor verifier%')`;
  await Promise.all(standbys.map(({ url }) => until(url, condition)));
}

/** Has the last standby show commits so much later. */
async function slowDown({ standbys }: ReplicatedPostgres, delay: string): Promise<void> {
  const { url = '' } = standbys.at(-1) ?? {};
  await query(url, `alter system set recovery_min_apply_delay = '${delay}'`, 'select pg_reload_conf()');
}

async function runTrials(
  servers: ReplicatedPostgres,
  hammering: Omit<Hammering, 'rounds'>,
): Promise<boolean> {
  const lines: string[] = [];
  let isWell = true;
  for (const { title, settings, isOneSlow, rounds, wrongIsExpected } of TRIALS) {
    await slowDown(servers, isOneSlow ? SLOW : '0');
    await servers.waitFor(settings);
    say(title);
    const onRound = (round: number, hammered: Hammered) => {
      if (round % 25 !== 0) return;
      say(`  ${round} of ${rounds} rounds: ${hammered.judged} judged, ${countWrong(hammered)} wrong`);
    };
    const hammered = await hammerThroughRevocations({ ...hammering, rounds, onRound });
    const wrong = countWrong(hammered);
    if (wrong > 0 !== wrongIsExpected) isWell = false;
    lines.push(`${String(hammered.judged).padStart(7)} judged ${String(wrong).padStart(6)} wrong   ${title}`);
  }
  console.log(`\n${lines.join('\n')}\n`);
  return isWell;
}

async function tryStandbys(): Promise<boolean> {
  const servers = await startServers();
  await migrate(servers.primary.url);
  const { database, close } = connectDatabase(servers.primary.url);
  undo.push(close);
  const administrator = await testAdministrator(database);
  const ports = await startVerifiers(servers);
  await checkReaders(servers);
  const isWell = await runTrials(servers, {
    database,
    administrator,
    ports,
    connectionsPerVerifier: CONNECTIONS,
  });
  console.log(
    isWell
      ? 'As promised: no wrong answer on standbys that every act waits for, and some where it does not.'
      : 'NOT as promised: see the counts above.',
  );
  return isWell;
}

// The trial has a database and a secret of its own, whatever is set for a Stagedoor on this machine.
Object.assign(process.env, {
  STAGEDOOR_EMBEDDED: '1',
  DATABASE_URL: '',
  AUTH_SECRET: randomBytes(32).toString('hex'),
});
const signal = stopRequest();
const stopped = new Promise<boolean>((resolve) => {
  signal.addEventListener('abort', () => {
    say('stopping');
    resolve(false);
  });
});
try {
  process.exitCode = (await Promise.race([tryStandbys(), stopped])) ? 0 : 1;
} catch (error) {
  console.error(signal.aborted ? 'stopped' : error);
  process.exitCode = 1;
} finally {
  for (const step of undo.reverse()) await step();
}
process.exit();
