import cluster from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { checkRevocationsUnderLoad } from '#lib/testing/revocations.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startService, startVerifierProcess, type VerifierProcess } from '#lib/testing/service-processes.ts';
import { until } from '#lib/testing/until.ts';
import { insertAccountWithKey, requestVerifier } from '#lib/testing/verifier.ts';
import { WorkerPool } from './worker-pool.ts';

const WORKERS = 2;
const CONNECTIONS = 8;
/** As of a gateway. A connection that is passed to a worker at the moment at which it is killed gets no response. */
const REQUEST_TIMEOUT_MS = 10_000;

let db: TestDatabase;
let clock: DatabaseClock;
let account: { id: string; key: string };
let verifier: VerifierProcess;
let output: string | undefined;

beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
  account = await insertAccountWithKey(db.pool);
  verifier = await startVerifierProcess({ main: db.url }, WORKERS);
});
afterAll(async () => {
  output ??= await verifier.stop();
  await db.drop();
});

const readWorkerPids = () =>
  readFileSync(`/proc/${verifier.pid}/task/${verifier.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);

/** Kills a worker, and waits until another one has taken its place. */
async function replaceWorker(): Promise<void> {
  const [victim = ''] = readWorkerPids();
  process.kill(Number(victim), 'SIGKILL');
  await until(
    async () => readWorkerPids(),
    (pids) => pids.length === WORKERS && !pids.includes(victim),
  );
}

const readMetric = async (name: string) => {
  const { body } = await requestVerifier(verifier.port, { path: '/metrics' });
  return Number(
    body
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
};
const countAllowed = () => readMetric('stagedoor_verifier_requests_total{status="200"}');

/** What one connection received: statuses, and codes of errors. */
type Received = (number | string)[];

/**
 * Sends requests without a pause on some connections, one after the other on each. A connection ends at
 * `Connection: close`, and is opened again after an error.
 */
function sendRequests(key: string, connections = CONNECTIONS) {
  const received: Received[] = Array.from({ length: connections }, () => []);
  let isRunning = true;
  const sendOn = async (results: Received) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let isOpen = true;
    while (isRunning && isOpen) {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const pending = requestVerifier(verifier.port, { agent, signal, headers: { 'X-API-Key': key } });
      const response = await pending.catch(({ code }: { code?: string }) => String(code));
      results.push(typeof response === 'string' ? response : response.status);
      isOpen = typeof response === 'string' || response.headers.connection !== 'close';
    }
    agent.destroy();
  };
  const ended = Promise.all(received.map(sendOn));
  return {
    received,
    ended,
    waitForResponses: (count: number) =>
      until(async () => received.every((results) => results.length >= count), Boolean),
    async stop() {
      isRunning = false;
      await ended;
    },
  };
}

describe('a pool of workers', () => {
  it('shares connections among its workers, and sums up their metrics', async () => {
    const load = sendRequests(account.key);
    await load.waitForResponses(10);
    await load.stop();
    const sent = load.received.flat();
    expect(new Set(sent)).toEqual(new Set([200]));
    expect(await countAllowed()).toBe(sent.length);
    const { rows } = await db.pool.query(
      "select count(*)::int as connections from pg_stat_activity where application_name = 'stagedoor verifier' and datname = current_database()",
    );
    expect(rows).toEqual([{ connections: 6 * WORKERS }]);
  });

  it('replaces a worker that ends, and no counter decreases', async () => {
    const before = await countAllowed();
    expect(before).toBeGreaterThan(0);
    await replaceWorker();
    expect(await countAllowed()).toBe(before);
  });

  it('serves while a worker is killed: only requests on its connections fail', async () => {
    const load = sendRequests(account.key);
    await load.waitForResponses(10);
    await replaceWorker();
    await load.waitForResponses(Math.max(...load.received.map(({ length }) => length)) + 10);
    await load.stop();
    const failures = load.received.map((results) => results.filter((result) => result !== 200));
    for (const ofConnection of failures) expect(ofConnection.length).toBeLessThanOrEqual(1);
    expect(failures.filter(({ length }) => length > 0).length).toBeLessThan(CONNECTIONS);
    expect(await requestVerifier(verifier.port, { path: '/readyz' })).toMatchObject({ status: 200 });
  });

  it('applies the limit of an account to all workers together', async () => {
    await clock.startMinute();
    const limited = await insertAccountWithKey(db.pool, { requestsPerMinute: 60 });
    const load = sendRequests(limited.key);
    await load.waitForResponses(20);
    await load.stop();
    expect(load.received.flat().filter((status) => status === 200)).toHaveLength(60);
    expect(new Set(load.received.flat())).toEqual(new Set([200, 429]));
  });

  it('allows no request that began after a revocation was confirmed, on any worker', async () => {
    const rounds = atScale({ normal: 4, soak: 200 });
    const { checkedCount, wrongResponses } = await checkRevocationsUnderLoad({
      database: db.database,
      administrator: await createTestAdministrator(db.database),
      ports: [verifier.port],
      connectionsPerVerifier: CONNECTIONS,
      rounds,
    });
    expect(wrongResponses).toEqual({});
    expect(checkedCount).toBeGreaterThanOrEqual(4 * rounds * CONNECTIONS);
  });

  it('completes every accepted request when it stops, writes the usage, and leaves no process', async () => {
    const load = sendRequests(account.key);
    await load.waitForResponses(10);
    await db.pool.query('delete from api_account_usage');
    const pids = readWorkerPids();
    const startedAt = performance.now();
    output = await verifier.stop();
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    await load.ended;
    expect(new Set(load.received.flat())).toEqual(new Set([200]));
    for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    const { rowCount } = await db.pool.query('select from api_account_usage where account_id = $1', [
      account.id,
    ]);
    expect(rowCount).toBe(1);
  });

  it('logs each worker that ended, and the one that replaced it', () => {
    const events = (output ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const ended = events.filter(({ event }) => event === 'verifier.worker_ended');
    expect(ended).toMatchObject([{ exit: 'SIGKILL' }, { exit: 'SIGKILL' }]);
    expect(events.filter(({ event }) => event === 'verifier.worker_replaced')).toHaveLength(2);
  });
});

/** Starts a pool in this process, with a program instead of a verifier. */
async function startPoolOf(program: string): Promise<WorkerPool> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-pool-'));
  const exec = path.join(folder, 'program.mjs');
  await writeFile(exec, program);
  cluster.setupPrimary({ exec, execArgv: [], silent: true });
  const timing = { healthIntervalMs: 100, minReplaceDelayMs: 10, stopTimeoutMs: 300 };
  const pool = await WorkerPool.start(1, timing);
  onTestFinished(async () => {
    await pool.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return pool;
}

it('replaces a worker whose event loop is blocked', async () => {
  await startPoolOf(`
    process.on('message', ({ health }) => health && process.send({ healthy: true }));
    process.on('SIGUSR2', () => { for (;;); });
    process.send({ ready: true });
  `);
  const [first] = Object.values(cluster.workers ?? {});
  const exited = once(first?.process as NodeJS.EventEmitter, 'exit');
  first?.process.kill('SIGUSR2');
  expect(await exited).toEqual([null, 'SIGKILL']);
  const [next] = await once(cluster, 'message');
  expect(next.id).not.toBe(first?.id);
});

it('waits longer before each replacement of a worker that keeps ending', async () => {
  const startedAt: number[] = [];
  cluster.on('online', () => startedAt.push(performance.now()));
  await startPoolOf('process.send({ ready: true }, () => process.exit(3));');
  await expect.poll(() => startedAt.length).toBeGreaterThan(5);
  cluster.removeAllListeners('online');
  // The delays are 10, 20, 40, 80 and 160 ms.
  expect((startedAt[5] ?? 0) - (startedAt[4] ?? 0)).toBeGreaterThan(150);
});

it('does not start if its port is in use, and says so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const environment = { VERIFIER_PORT: String(port), VERIFIER_WORKERS: '2', DATABASE_URL: db.url };
  await expect(startService('verifier', environment)).rejects.toThrow('EADDRINUSE');
  server.close();
});
