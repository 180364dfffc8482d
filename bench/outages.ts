import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { requestVerifier } from '#lib/testing/verifier.ts';
import type { BenchPostgres } from './database.ts';
import type { LoadGenerator } from './load-generator.ts';
import { medianMegabytes, type Sample, sampleMemory } from './memory.ts';
import { showProgress } from './progress.ts';
import { type BenchServer, startServer } from './servers.ts';

const CONNECTIONS = 512;
const BEFORE_MS = 15_000;
const OUTAGE_MS = 20_000;
const AFTER_MS = 15_000;
/** A phase is represented by the samples of its end, during this time. */
const SAMPLED_MS = 8_000;

type OutageOptions = {
  databaseUrl: string;
  keysFile: string;
  requestsPerMinute: number;
  onStarted(server: BenchServer): void;
};

/** Makes the database unavailable while `work` runs. Resolves when it is available again. */
type CauseOutage = (work: () => Promise<void>) => Promise<void>;

/** The memory in megabytes before, during and after an outage, the status of a response during it, and the recovery time. */
export type OutageResult = {
  rss_before: number;
  rss_during: number;
  rss_after: number;
  status_during: number;
  recovery_ms: number;
};

/** Measures an outage of the database under constant full load. */
async function measureOutage(
  load: LoadGenerator,
  server: BenchServer,
  keysFile: string,
  causeOutage: CauseOutage,
): Promise<OutageResult> {
  const [key = ''] = (await readFile(keysFile, 'utf8')).split('\n', 1);
  const verify = async () => (await requestVerifier(server.port, { headers: { 'X-API-Key': key } })).status;
  const startedAt = performance.now();
  let [outageAt, availableAt, recoveredAt, statusDuring] = [0, 0, 0, 0];
  const seconds = (BEFORE_MS + OUTAGE_MS + AFTER_MS) / 1_000;
  const { samples } = await sampleMemory(server, async () => {
    const running = load.run({ port: server.port, connections: CONNECTIONS, seconds, keysFile });
    await delay(BEFORE_MS);
    outageAt = performance.now() - startedAt;
    await causeOutage(async () => {
      await delay(OUTAGE_MS);
      statusDuring = await verify();
    });
    availableAt = performance.now() - startedAt;
    while ((await verify()) !== 200) await delay(5);
    recoveredAt = performance.now() - startedAt;
    await running;
  });
  const samplesBefore = (end: number) =>
    samples.filter(({ at }: Sample) => at > end - SAMPLED_MS && at < end);
  return {
    rss_before: medianMegabytes(samplesBefore(outageAt)),
    rss_during: medianMegabytes(samplesBefore(availableAt)),
    // There is one sample a second.
    rss_after: medianMegabytes(samples.slice(-SAMPLED_MS / 1_000)),
    status_during: statusDuring,
    recovery_ms: Math.round(recoveredAt - availableAt),
  };
}

/** Measures a verifier while its database does not respond, and while the database is stopped. */
export async function measureOutages(
  load: LoadGenerator,
  postgres: BenchPostgres,
  { databaseUrl, keysFile, requestsPerMinute, onStarted }: OutageOptions,
): Promise<{ unresponsive: OutageResult; stopped: OutageResult }> {
  const proxy = await TcpProxy.start(databaseUrl);
  try {
    const server = await startServer({ kind: 'verifier', databaseUrl: proxy.url, requestsPerMinute });
    onStarted(server);
    showProgress('the database does not respond');
    const unresponsive = await measureOutage(load, server, keysFile, async (work) => {
      proxy.mode = 'silent';
      await work();
      proxy.mode = 'open';
    });
    showProgress('the database is stopped and started again');
    const stopped = await measureOutage(load, server, keysFile, (work) => postgres.stopDuring(work));
    return { unresponsive, stopped };
  } finally {
    await proxy.close();
  }
}
