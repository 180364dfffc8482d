import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { mintKey } from '#lib/api-keys/mint.ts';
import { startBenchDatabase } from './database.ts';
import type { Load, Measured } from './load.ts';
import { formatTable } from './table.ts';

const ACCOUNTS = 1_000;
const ROUNDS = 3;
const ROUND_MS = 2_500;
const WARM_UP_MS = 1_000;
const RESULTS = new URL('results.json', import.meta.url);

type Contender = { name: string; port: number; connections: number; keys: string[]; expected: string };

const say = (line: string) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);

/** Starts one of the servers in a process of its own. */
async function serve(...args: string[]): Promise<{ port: number; stop(): void }> {
  const child = fork(new URL('serve.ts', import.meta.url), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`the server ${args[0]} did not start`))),
  ]);
  return { port, stop: () => child.disconnect() };
}

async function measure(
  load: Worker,
  { port, connections, keys }: Contender,
  milliseconds: number,
): Promise<Measured> {
  const order: Load = { port, connections, keys, milliseconds };
  load.postMessage(order);
  const [measured] = await once(load, 'message');
  return measured;
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

/** Every contender in turn, and that several times over, so that all of them share the machine's moods. */
async function measureAll(load: Worker, contenders: Contender[]): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await measure(load, contender, WARM_UP_MS);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contender of contenders) {
      say(`round ${round} of ${ROUNDS}: ${contender.name}`);
      const result = await measure(load, contender, ROUND_MS);
      const others = Object.keys(result.statuses).filter((status) => status !== contender.expected);
      if (others.length > 0) throw new Error(`${contender.name} answered ${JSON.stringify(result.statuses)}`);
      measured.get(contender.name)?.push(result);
    }
  }
  return measured;
}

function contendersAt(verifier: number, constant: number, keys: string[]): Contender[] {
  const wrongKeys = keys.map(() => mintKey('stagekey'));
  return [128, 32].flatMap((connections) => [
    { name: `bare node:http, ${connections}`, port: constant, connections, keys, expected: '200' },
    { name: `verifier, ${connections}`, port: verifier, connections, keys, expected: '200' },
    {
      name: `verifier, wrong keys, ${connections}`,
      port: verifier,
      connections,
      keys: wrongKeys,
      expected: '401',
    },
  ]);
}

async function run(): Promise<void> {
  say(`a PostgreSQL with ${ACCOUNTS} accounts`);
  const database = await startBenchDatabase(ACCOUNTS);
  const load = new Worker(new URL('load.ts', import.meta.url));
  const [constant, verifier] = await Promise.all([serve('constant'), serve('verifier', database.url)]);
  try {
    const measured = await measureAll(load, contendersAt(verifier.port, constant.port, database.keys));
    const figures = [...measured].map(([name, rounds]) => ({
      name,
      perSecond: median(rounds.map(({ perSecond }) => perSecond)),
      p50: median(rounds.map(({ p50 }) => p50)),
      p99: median(rounds.map(({ p99 }) => p99)),
    }));
    const [bare, own] = figures;
    if (!bare || !own) throw new Error('nothing was measured');
    const ratios = { vs_bare_http: own.perSecond / bare.perSecond, p99_vs_bare_http: own.p99 / bare.p99 };
    const how = `${ACCOUNTS} accounts, ${availableParallelism()} cores shared by load, server and PostgreSQL, Node ${process.versions.node}; median of ${ROUNDS} rounds of ${ROUND_MS / 1_000} s`;
    await writeFile(RESULTS, `${JSON.stringify({ how, verifier: ratios, figures }, null, 2)}\n`);
    say('');
    console.log(formatTable(figures, how));
  } finally {
    constant.stop();
    verifier.stop();
    await load.terminate();
    await database.stop();
  }
}

// So that the database is told to end as well.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
await run();
