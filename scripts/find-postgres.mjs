import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { installDebianPackages } from './debian-packages.mjs';

/** @typedef {{ initdb: string, postgres: string, pg_basebackup: string }} Postgres absolute paths */

/** Where Debian and Ubuntu keep PostgreSQL's programs, in a folder for each version. */
const VERSIONS = '/usr/lib/postgresql';
const OLDEST = 15;
/** Keeps the package from making a database of its own and starting it. */
const NO_CLUSTER = '/etc/postgresql-common/createcluster.d/stagedoor-trial.conf';

/** @param {string} folder @returns {Postgres | undefined} */
function programsIn(folder) {
  const [initdb = '', postgres = '', pg_basebackup = ''] = ['initdb', 'postgres', 'pg_basebackup'].map(
    (name) => path.join(folder, name),
  );
  const all = { initdb, postgres, pg_basebackup };
  return Object.values(all).every((file) => existsSync(file)) ? all : undefined;
}

/** The newest on the machine. */
function onTheMachine() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number) : [];
  const folders = versions
    .filter((version) => version >= OLDEST)
    .sort((a, b) => b - a)
    .map((version) => path.join(VERSIONS, String(version), 'bin'));
  const inPath = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return [...folders, ...inPath].map(programsIn).find((found) => found !== undefined);
}

async function install() {
  await mkdir(path.dirname(NO_CLUSTER), { recursive: true });
  await writeFile(NO_CLUSTER, 'create_main_cluster = false\n');
  try {
    await installDebianPackages(['postgresql']);
  } finally {
    await rm(NO_CLUSTER, { force: true });
  }
}

/**
 * PostgreSQL's own programs, pg_basebackup among them: those on the machine, else Debian's package, newly installed.
 * @param {(line: string) => void} say told of anything that takes long
 * @returns {Promise<Postgres>}
 * @throws where there are none and none can be installed
 */
export async function findPostgres(say) {
  const present = onTheMachine();
  if (present) return present;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    say("installing postgresql with the system's package manager");
    await install();
    const installed = onTheMachine();
    if (installed) return installed;
  }
  throw new Error(
    `There is no PostgreSQL ${OLDEST} or newer with pg_basebackup on this machine, and none could be installed: install one (Debian: apt-get install postgresql), then try again.`,
  );
}
