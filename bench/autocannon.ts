import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import type { LoadGenerator, LoadOptions, LoadResult } from './load-generator.ts';

/** Each connection repeats this many random keys. More would take long to prepare. */
const KEYS_PER_CONNECTION = 1_000;

async function run({ port, connections, seconds, keysFile, pauseMs }: LoadOptions): Promise<LoadResult> {
  const keys = (await readFile(keysFile, 'utf8')).trim().split('\n');
  const randomRequest = () => {
    const key = keys[Math.floor(Math.random() * keys.length)] ?? '';
    return { path: '/verify', headers: { 'X-API-Key': key } };
  };
  const { requests, latency, errors, duration, statusCodeStats } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    ...(pauseMs === undefined ? {} : { connectionRate: Math.round(1_000 / pauseMs) }),
    setupClient: (client) => client.setRequests(Array.from({ length: KEYS_PER_CONNECTION }, randomRequest)),
  });
  const statuses = Object.fromEntries(
    Object.entries(statusCodeStats ?? {}).map(([status, { count = 0 }]) => [status, count]),
  );
  const errorStatuses = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
  return {
    requests: requests.total,
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    errorResponses: errorStatuses.reduce((sum, [, count]) => sum + count, 0),
    failures: errors,
    statuses,
  };
}

/** Generates load in this process, for machines without wrk. Leaves less CPU time to the server than wrk does. */
export const autocannonLoad: LoadGenerator = {
  name: 'autocannon (wrk is not installed; it measures more precisely: apt-get install wrk)',
  run,
  stop: async () => {},
};
