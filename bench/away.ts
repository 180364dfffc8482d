import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { ask } from '#lib/testing/verifying.ts';
import type { BenchPostgres } from './database.ts';
import type { Load } from './load.ts';
import { type Sample, usual, watchMemory } from './memory.ts';
import { say } from './progress.ts';
import { type BenchServer, serve } from './servers.ts';

const CONNECTIONS = 512;
const BEFORE_MS = 15_000;
const AWAY_MS = 20_000;
const AFTER_MS = 15_000;
/** How long before an end the samples count that stand for a time. */
const LAST_MS = 8_000;

type Verifying = {
  databaseUrl: string;
  keysFile: string;
  requestsPerMinute: number;
  keep(server: BenchServer): void;
};

/** Takes the database away for so long as `work` takes; resolves when it is back. */
type Without = (work: () => Promise<void>) => Promise<void>;

/** What the process used before, while the database was away, and after, in megabytes; and how soon it served again. */
export type Away = {
  rss_before: number;
  rss_away: number;
  rss_after: number;
  status_while_away: number;
  recovery_ms: number;
};

/** Full load all the time; the database goes and comes back. */
async function takeAway(load: Load, server: BenchServer, keysFile: string, without: Without): Promise<Away> {
  const [key = ''] = (await readFile(keysFile, 'utf8')).split('\n', 1);
  const status = async () => (await ask(server.port, { headers: { 'X-API-Key': key } })).status;
  const begun = performance.now();
  let [wentAt, cameAt, servedAt, statusWhileAway] = [0, 0, 0, 0];
  const seconds = (BEFORE_MS + AWAY_MS + AFTER_MS) / 1_000;
  const { samples } = await watchMemory(server, async () => {
    const asking = load.ask({ port: server.port, connections: CONNECTIONS, seconds, keysFile });
    await delay(BEFORE_MS);
    wentAt = performance.now() - begun;
    await without(async () => {
      await delay(AWAY_MS);
      statusWhileAway = await status();
    });
    cameAt = performance.now() - begun;
    while ((await status()) !== 200) await delay(5);
    servedAt = performance.now() - begun;
    await asking;
  });
  const until = (end: number) => samples.filter(({ at }: Sample) => at > end - LAST_MS && at < end);
  return {
    rss_before: usual(until(wentAt)),
    rss_away: usual(until(cameAt)),
    rss_after: usual(samples.slice(-LAST_MS / 1_000)),
    status_while_away: statusWhileAway,
    recovery_ms: Math.round(servedAt - cameAt),
  };
}

/** A verifier whose database goes silent, and then one whose database is stopped and started again. */
export async function stayAway(
  load: Load,
  postgres: BenchPostgres,
  { databaseUrl, keysFile, requestsPerMinute, keep }: Verifying,
): Promise<{ silent: Away; stopped: Away }> {
  const proxy = await TcpProxy.start(databaseUrl);
  try {
    const server = await serve({ what: 'verifier', databaseUrl: proxy.url, requestsPerMinute });
    keep(server);
    say('the database goes silent');
    const silent = await takeAway(load, server, keysFile, async (work) => {
      proxy.mode = 'silent';
      await work();
      proxy.mode = 'open';
    });
    say('the database is stopped, and started again');
    const stopped = await takeAway(load, server, keysFile, (work) => postgres.without(work));
    return { silent, stopped };
  } finally {
    await proxy.close();
  }
}
