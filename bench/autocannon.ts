import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import type { Asked, Load, Measured } from './load.ts';

/** So many keys for each connection: more would take a long time to prepare. */
const KEYS_PER_CONNECTION = 1_000;

async function ask({ port, connections, seconds, keysFile }: Asked): Promise<Measured> {
  const keys = (await readFile(keysFile, 'utf8')).trim().split('\n');
  const randomRequest = () => {
    const key = keys[Math.floor(Math.random() * keys.length)] ?? '';
    return { path: '/verify', headers: { 'X-API-Key': key } };
  };
  const { requests, latency, errors, duration, statusCodeStats } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    setupClient: (client) => client.setRequests(Array.from({ length: KEYS_PER_CONNECTION }, randomRequest)),
  });
  const statuses = Object.fromEntries(
    Object.entries(statusCodeStats ?? {}).map(([status, { count = 0 }]) => [status, count]),
  );
  const refused = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
  return {
    requests: requests.total,
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    refused: refused.reduce((sum, [, count]) => sum + count, 0),
    broken: errors,
    statuses,
  };
}

/** Load by autocannon, in this process, for a machine without wrk. It costs the server more of the machine. */
export const autocannonLoad: Load = {
  name: 'autocannon (there is no wrk, which measures more exactly: Debian has a package of that name)',
  ask,
  stop: async () => {},
};
