import { stayAway } from './away.ts';
import type { BenchPostgres } from './database.ts';
import type { Load } from './load.ts';
import { course, type Sample, watchMemory } from './memory.ts';
import { say, sayNothing } from './progress.ts';
import { machine, writeResults } from './results.ts';
import { type BenchServer, serve } from './servers.ts';

const ACCOUNTS = { accounts: 1_000_000, keys: 100_000 };
const LIMIT = 1_000_000;
const CONNECTIONS = 128;
const PART_SECONDS = 10;

/**
 * Asks until so many requests were answered, in parts.
 * @returns what the process used meanwhile, over the number of requests
 */
async function askAndWatch(
  load: Load,
  server: BenchServer,
  { keysFile, requests, what }: { keysFile: string; requests: number; what: string },
): Promise<Sample[]> {
  const all: Sample[] = [];
  for (let asked = 0; asked < requests; ) {
    say(`${what}: ${(asked / 1e6).toFixed(2)} of ${(requests / 1e6).toFixed(2)} million requests`);
    const part = { port: server.port, connections: CONNECTIONS, seconds: PART_SECONDS, keysFile };
    const { result, samples } = await watchMemory(server, () => load.ask(part));
    if (result.requests === 0 || result.refused > 0 || result.broken > 0)
      throw new Error(`${result.refused} of ${result.requests} were refused, ${result.broken} broken`);
    for (const { at, memory } of samples) {
      const share = Math.min(1, at / (PART_SECONDS * 1_000));
      all.push({ at: asked + share * result.requests, memory });
    }
    asked += result.requests;
  }
  return all;
}

/** Whether the verifier's memory stays as it is, over many requests and while its database is away. */
export async function soak(
  load: Load,
  postgres: BenchPostgres,
  { requests, keep }: { requests: number; keep(server: BenchServer): void },
): Promise<void> {
  say('making a database');
  const { databaseUrl, keysFile } = await postgres.createAccounts('many', ACCOUNTS);
  const server = await serve({ what: 'verifier', databaseUrl, requestsPerMinute: LIMIT });
  keep(server);
  const warmUp = requests / 10;
  await askAndWatch(load, server, { keysFile, requests: warmUp, what: 'warming up' });
  const samples = await askAndWatch(load, server, { keysFile, requests, what: 'memory' });
  const result = {
    measured: new Date().toISOString(),
    machine: machine(),
    load: load.name,
    how: `${requests / 1e6} million requests on ${CONNECTIONS} connections after ${warmUp / 1e6} million to warm up; megabytes`,
    rss: course(samples, 'rss'),
    heap_used: course(samples, 'heapUsed'),
    away: await stayAway(load, postgres, { databaseUrl, keysFile, requestsPerMinute: LIMIT, keep }),
  };
  await writeResults({ verifier: { soak: result } });
  sayNothing();
  console.log(JSON.stringify(result, null, 2));
}
