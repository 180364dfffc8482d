import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { CliError } from './terminal.ts';

/** If the database exits twice within this time, another restart would not help. */
const MIN_UPTIME_MS = 60_000;
/** The time between two health checks, and the timeout of each. */
const HEALTH_INTERVAL_MS = 10_000;
const MAX_HEALTH_FAILURES = 3;

/** Asks for TLS in PostgreSQL's protocol. A server answers with one byte before it authenticates the client. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Reports whether the server answers a new connection. Uses a plain socket, because a driver would need more memory. */
function isResponding(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(SSL_REQUEST));
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    let hasAnswered = false;
    socket.on('data', () => {
      hasAnswered = true;
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(hasAnswered);
    });
  });
}

type Options = {
  /** Registers a clean-up function. */
  onStop(cleanUp: () => unknown): void;
  /** Called if the database cannot be kept running. */
  abandon(error: CliError): void;
  healthIntervalMs?: number;
};

/** Checks a server's health until it exits, and kills it after three failed checks in a row. */
async function watchHealth(server: EmbeddedPostgres, intervalMs: number): Promise<void> {
  const exit = new AbortController();
  void server.exited.then(() => exit.abort());
  for (let failures = 0; failures < MAX_HEALTH_FAILURES; ) {
    await delay(intervalMs, undefined, { signal: exit.signal, ref: false }).catch(() => {});
    if (exit.signal.aborted) return;
    failures = (await isResponding(server.port, intervalMs)) ? 0 : failures + 1;
  }
  if (exit.signal.aborted) return;
  console.error(`The database failed its health check ${MAX_HEALTH_FAILURES} times in a row.`);
  // It may not react to another signal.
  server.kill();
}

/**
 * Starts the data folder's PostgreSQL. Restarts it on the same port if it exits unexpectedly, or does not respond.
 * @returns its URL
 */
export async function startDatabase(folder: string, options: Options): Promise<string> {
  const { onStop, abandon, healthIntervalMs = HEALTH_INTERVAL_MS } = options;
  const log = createWriteStream(path.join(folder, 'postgres.log'), { mode: 0o600 });
  const postgres = {
    folder: path.join(folder, 'postgres'),
    onLog: (line: string) => log.write(`${line}\n`),
  };
  const firstStart = startEmbeddedPostgres(postgres);
  let isStopping = false;
  // Register this now, because a stop may be requested while the database starts.
  onStop(async () => {
    isStopping = true;
    await firstStart.catch(() => {});
    await server?.stop();
    log.end();
  });
  let server = await firstStart;

  async function keepRunning() {
    for (let endedAt = Number.NEGATIVE_INFINITY; ; endedAt = performance.now()) {
      void watchHealth(server, healthIntervalMs);
      await server.exited;
      if (isStopping) return;
      if (performance.now() - endedAt < MIN_UPTIME_MS) throw new Error('it stopped twice in a minute');
      console.error('The database stopped unexpectedly. Restarting it.');
      server = await startEmbeddedPostgres({ ...postgres, port: server.port });
      if (isStopping) await server.stop();
    }
  }
  keepRunning().catch((error) =>
    abandon(new CliError(`The database can't be kept running: ${error.message}. See ${log.path}.`)),
  );
  return server.url;
}
