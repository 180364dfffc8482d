import type { BenchPostgres } from './database.ts';
import type { LoadGenerator } from './load-generator.ts';
import { type Sample, sampleMemory, summarizeMemory } from './memory.ts';
import { measureOutages } from './outages.ts';
import { clearProgress, showProgress } from './progress.ts';
import { describeMachine, writeResults } from './results.ts';
import { type BenchServer, startServer } from './servers.ts';

const ACCOUNTS = { accounts: 1_000_000, knownKeys: 100_000 };
const REQUESTS_PER_MINUTE = 1_000_000;
const CONNECTIONS = 128;
const BATCH_SECONDS = 10;

/**
 * Sends at least this many requests, in batches.
 * @returns samples of the server's memory, over the number of requests
 */
async function sampleRequests(
  load: LoadGenerator,
  server: BenchServer,
  { keysFile, requests, title }: { keysFile: string; requests: number; title: string },
): Promise<Sample[]> {
  const all: Sample[] = [];
  for (let sent = 0; sent < requests; ) {
    showProgress(`${title}: ${(sent / 1e6).toFixed(2)} of ${(requests / 1e6).toFixed(2)} million requests`);
    const batch = { port: server.port, connections: CONNECTIONS, seconds: BATCH_SECONDS, keysFile };
    const { result, samples } = await sampleMemory(server, () => load.run(batch));
    if (result.requests === 0 || result.errorResponses > 0 || result.failures > 0)
      throw new Error(
        `${result.errorResponses} of ${result.requests} requests were rejected, with ${result.failures} failures`,
      );
    for (const { at, memory } of samples) {
      const share = Math.min(1, at / (BATCH_SECONDS * 1_000));
      all.push({ at: sent + share * result.requests, memory });
    }
    sent += result.requests;
  }
  return all;
}

/** Measures whether the verifier's memory stays constant, over many requests and during database outages. */
export async function measureSoak(
  load: LoadGenerator,
  postgres: BenchPostgres,
  { requests, onStarted }: { requests: number; onStarted(server: BenchServer): void },
): Promise<void> {
  showProgress('creating a database');
  const { databaseUrl, keysFile } = await postgres.createAccounts('many', ACCOUNTS);
  const server = await startServer({
    kind: 'verifier',
    databaseUrl,
    requestsPerMinute: REQUESTS_PER_MINUTE,
  });
  onStarted(server);
  const warmUpRequests = requests / 10;
  await sampleRequests(load, server, { keysFile, requests: warmUpRequests, title: 'warming up' });
  const samples = await sampleRequests(load, server, { keysFile, requests, title: 'memory' });
  const result = {
    measured_at: new Date().toISOString(),
    machine: describeMachine(),
    load: load.name,
    method: `${requests / 1e6} million requests on ${CONNECTIONS} connections, after ${warmUpRequests / 1e6} million to warm up; megabytes`,
    rss: summarizeMemory(samples, 'rss'),
    heap_used: summarizeMemory(samples, 'heapUsed'),
    outages: await measureOutages(load, postgres, {
      databaseUrl,
      keysFile,
      requestsPerMinute: REQUESTS_PER_MINUTE,
      onStarted,
    }),
  };
  await writeResults({ verifier: { soak: result } });
  clearProgress();
  console.log(JSON.stringify(result, null, 2));
}
