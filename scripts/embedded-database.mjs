import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { startEmbeddedPostgres } from './embedded-postgres.mjs';
import { Trouble } from './trouble.mjs';

/** Two ends of the server in this time, and something is wrong that another start does not put right. */
const QUICK_MS = 60_000;

/**
 * Starts the data folder's PostgreSQL, and again on the same port when it ends by itself.
 * @param {string} folder the data folder
 * @param {(trouble: Trouble) => void} giveUp told when it ends again and again
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startEmbeddedDatabase(folder, giveUp) {
  const log = createWriteStream(path.join(folder, 'postgres.log'), { mode: 0o600 });
  const options = {
    folder: path.join(folder, 'postgres'),
    onLog: (/** @type {string} */ line) => log.write(`${line}\n`),
  };
  let server = await startEmbeddedPostgres(options);
  let isStopping = false;

  async function keep() {
    for (let endedAt = Number.NEGATIVE_INFINITY; ; endedAt = performance.now()) {
      await server.exited;
      if (isStopping) return;
      if (performance.now() - endedAt < QUICK_MS) throw new Trouble('it ended twice in a minute');
      console.error('The database ended unexpectedly: starting it again.');
      server = await startEmbeddedPostgres({ ...options, port: server.port });
      // It may have been asked to stop while it was starting.
      if (isStopping) await server.stop();
    }
  }
  keep().catch((error) =>
    giveUp(new Trouble(`The database does not keep running: ${error.message}; see ${log.path}.`)),
  );

  const stop = async () => {
    isStopping = true;
    await server.stop();
    log.end();
  };
  return { url: server.url, stop };
}
