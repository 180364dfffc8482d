import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @typedef {import('./postgres-account.mjs').PostgresAccount} PostgresAccount */
/** @typedef {import('./postgres-binaries.mjs').PostgresBinaries} PostgresBinaries */

const UNFINISHED = 'unfinished-';

/**
 * The environment for PostgreSQL's programs: nothing of this process's PG… and language settings.
 * @returns {NodeJS.ProcessEnv}
 */
export function postgresEnvironment() {
  /** @type {NodeJS.ProcessEnv & Record<string, string | undefined>} */
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  for (const name of Object.keys(environment))
    if (/^(PG|LANG|LC_(?!ALL))/.test(name)) delete environment[name];
  return environment;
}

/**
 * @param {{ program: string, args: string[], uid?: number, gid?: number }} command
 * @param {string} cwd
 * @param {string} input
 * @returns {Promise<void>}
 */
function run({ program, args, ...account }, cwd, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: postgresEnvironment(),
      stdio: 'pipe',
      detached: true,
      ...account,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`PostgreSQL could not make its database folder: ${said.trim().slice(-2_000)}`));
    });
    child.stdin.on('error', () => {
      // It ended before it read: the exit code tells why.
    });
    child.stdin.end(input);
  });
}

/**
 * Makes a cluster with the database and the user "stagedoor". Everything is made under another name and then
 * renamed, so that a cluster is either whole or not there, whenever this process may be killed.
 *
 * @param {string} folder where `cluster` and `password` are to be; exists
 * @param {PostgresBinaries} binaries
 * @param {PostgresAccount} account
 * @param {{ sync: boolean }} options `sync`: wait until the files are on the disk
 */
export async function createCluster(folder, binaries, account, { sync }) {
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

/** @param {string} folder */
export const hasCluster = (folder) => existsSync(path.join(folder, 'cluster/PG_VERSION'));

/** @param {string} folder @returns {Promise<string>} the password of the user "stagedoor" */
export const readPassword = (folder) => readFile(path.join(folder, 'password'), 'utf8');
