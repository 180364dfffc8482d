import { chmod, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.mjs';
import { choosePostgresAccount } from './postgres-account.mjs';
import { findPostgresBinaries } from './postgres-binaries.mjs';
import { createCluster, hasCluster, readPassword } from './postgres-cluster.mjs';
import { launchPostgres } from './postgres-server.mjs';
import { commandLine, endProcess } from './processes.mjs';

/** Passing troubles: backends of a killed server that are still going, and a port that was taken meanwhile. */
const WORTH_ANOTHER_TRY =
  /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/;
const TRIES = 20;

/** For a small database of one machine: little memory, few processes, nothing of replication. */
const PARAMETERS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '256MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // DETAIL lines repeat values that people typed.
  log_error_verbosity: 'terse',
};

/**
 * @typedef {{
 *   url: string, port: number, pid: number,
 *   exited: Promise<void>,
 *   stop(mode?: 'fast' | 'immediate'): Promise<void>,
 * }} EmbeddedPostgres `exited`: resolves when the server is gone, for whatever reason
 */

/**
 * Stops the server that an earlier, killed Stagedoor left on this cluster.
 * @param {string} cluster
 */
async function endOrphan(cluster) {
  const file = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  // The number may have gone to another process since: only a server of this very folder is ended.
  if (pid > 1 && commandLine(pid).includes(cluster)) await endProcess(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
}

/** @param {string} folder @param {boolean} sync */
async function prepare(folder, sync) {
  const isRoot = process.getuid?.() === 0;
  await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  // Under root the server runs as another user, who has to pass through; what is inside is closed by itself.
  if (isRoot) await chmod(folder, 0o711);
  const binaries = await findPostgresBinaries();
  const places = [binaries.initdb, binaries.postgres, path.join(binaries.share, 'postgres.bki')];
  const account = choosePostgresAccount([...places, folder], path.join(folder, 'cluster'));
  if (!hasCluster(folder)) await createCluster(folder, binaries, account, { sync });
  return { binaries, account };
}

/**
 * Starts a PostgreSQL on this machine alone, with its data in a folder; makes the folder's database first
 * where there is none (some two seconds). The caller sees to it that nobody else uses the folder: a server that
 * still runs on it is taken for one left behind, and stopped.
 *
 * @param {object} options
 * @param {string} options.folder absolute; made if missing
 * @param {Record<string, string>} [options.parameters] PostgreSQL's own, over those that are chosen here
 * @param {number} [options.port] any free one unless given
 * @param {(line: string) => void} [options.onLog] given each line of the server's log
 * @returns {Promise<EmbeddedPostgres>} `url` holds the password
 * @throws an Error with what the server said
 */
export async function startEmbeddedPostgres({ folder, parameters = {}, port: wanted, onLog = () => {} }) {
  const { binaries, account } = await prepare(folder, parameters.fsync !== 'off');
  const cluster = path.join(folder, 'cluster');
  await endOrphan(cluster);
  for (let tries = 1; ; tries += 1) {
    const port = wanted ?? (await freePort());
    const settings = Object.entries({ ...PARAMETERS, ...parameters, port: String(port) });
    const args = ['-D', cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const { ready, said, ...server } = await launchPostgres(
      account.wrap(binaries.postgres, args),
      cluster,
      onLog,
    );
    if (ready) {
      const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
      return { url, port, ...server };
    }
    if (tries === TRIES || !WORTH_ANOTHER_TRY.test(said))
      throw new Error(`The embedded PostgreSQL did not start: ${said}`);
    await delay(250);
  }
}
