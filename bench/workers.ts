import { setTimeout as delay } from 'node:timers/promises';
import { median } from './figures.ts';
import type { LoadGenerator } from './load-generator.ts';
import { showProgress } from './progress.ts';
import type { BenchServer } from './servers.ts';

const ROUNDS = 8;
const SECONDS = 3;
const CONNECTIONS_PER_WORKER = 64;
/** The mean pause of each connection before a request: a worker is then busy for about a third of the time. */
const PAUSE_MS = 12;
const FULL_LOAD_CONNECTIONS = 128;
/** Between measurements, so that the usage counts of the previous one are written. */
const REST_MS = 1_200;

type Target = { server: BenchServer; workers: number };
type Measurement = { perSecond: number; perCpuSecond: number };

/** The method, as the results describe it. */
export const WORKERS_METHOD = `${CONNECTIONS_PER_WORKER} connections for each worker, each pausing ${PAUSE_MS} ms on average before a request; requests per CPU second of the busiest worker; medians of ${ROUNDS} rounds of ${SECONDS} s`;

/**
 * Loads a verifier with pauses, and calculates how many requests all workers together serve while the busiest one is busy
 * for a second: what they could serve if they had a core each, and the database enough.
 */
async function measurePaced(load: LoadGenerator, keysFile: string, target: Target): Promise<Measurement> {
  const { server, workers } = target;
  const before = await server.readCpuTimes();
  const { requests, perSecond, errorResponses, failures } = await load.run({
    port: server.port,
    connections: CONNECTIONS_PER_WORKER * workers,
    seconds: SECONDS,
    keysFile,
    pauseMs: PAUSE_MS,
  });
  const after = await server.readCpuTimes();
  if (after.length !== workers) throw new Error(`${after.length} of ${workers} workers are running`);
  if (requests === 0 || errorResponses > 0 || failures > 0)
    throw new Error(`${errorResponses} of ${requests} responses were errors, with ${failures} failures`);
  const busiest = Math.max(...after.map((cpu, index) => cpu - (before[index] ?? 0)));
  return { perSecond, perCpuSecond: requests / (busiest / 1_000) };
}

async function measureFullLoad(load: LoadGenerator, keysFile: string, { server }: Target): Promise<number> {
  const options = { connections: FULL_LOAD_CONNECTIONS, seconds: SECONDS, keysFile };
  return (await load.run({ port: server.port, ...options })).perSecond;
}

/**
 * Compares two workers with one, in turn, first in alternating order.
 *
 * On a machine with two cores, two workers share them with PostgreSQL and the load generator, so their throughput at full
 * load says little about a larger machine. So both are measured with a load that leaves them room, by their CPU time.
 */
export async function measureWorkers(
  load: LoadGenerator,
  keysFile: string,
  servers: { one: BenchServer; two: BenchServer },
) {
  const one = { server: servers.one, workers: 1 };
  const two = { server: servers.two, workers: 2 };
  const rounds: { one: Measurement; two: Measurement; fullLoad: number }[] = [];
  for (const target of [one, two]) await measureFullLoad(load, keysFile, target);
  for (let round = 1; round <= ROUNDS; round += 1) {
    showProgress(`workers: round ${round} of ${ROUNDS}`);
    const inOrder = async <Result>(measure: (target: Target) => Promise<Result>) => {
      const results = new Map<Target, Result>();
      for (const target of round % 2 === 0 ? [two, one] : [one, two]) {
        await delay(REST_MS);
        results.set(target, await measure(target));
      }
      return { one: results.get(one) as Result, two: results.get(two) as Result };
    };
    const paced = await inOrder((target) => measurePaced(load, keysFile, target));
    const full = await inOrder((target) => measureFullLoad(load, keysFile, target));
    rounds.push({ ...paced, fullLoad: full.two / full.one });
  }
  return {
    two_workers_vs_one: median(rounds.map((round) => round.two.perCpuSecond / round.one.perCpuSecond)),
    two_workers_vs_one_at_full_load: median(rounds.map(({ fullLoad }) => fullLoad)),
    paced: {
      one: median(rounds.map((round) => round.one.perSecond)),
      two: median(rounds.map((round) => round.two.perSecond)),
    },
  };
}
