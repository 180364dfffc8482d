import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from './processes.ts';

/** Some hundred megabytes over a slow line. */
const LONGEST_MS = 240_000;

/** @param {string[]} args @returns {Promise<void>} @throws an Error with apt-get's words */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return runQuietly('apt-get', ['--quiet', '--yes', ...args], { env, timeout: LONGEST_MS });
}

/**
 * Installs packages of Debian's (or Ubuntu's) on the machine. Root only.
 * @param {string[]} names
 * @returns {Promise<void>}
 * @throws an Error with apt-get's words
 */
export async function installDebianPackages(names) {
  await aptGet(['update']);
  await aptGet(['install', '--no-install-recommends', ...names]);
}

/** Options by which apt-get keeps its lists and downloads in a folder, and needs no right on the machine's own. */
const within = (/** @type {string} */ folder) =>
  [
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);

/**
 * Unpacks packages, with what they depend on and the machine lacks, into a folder. Nothing on the machine changes:
 * no service is set up or started, and any user may do it.
 * @param {string[]} names
 * @param {string} folder not there yet; is there whole, or not at all
 * @returns {Promise<void>}
 * @throws an Error with apt-get's words
 */
export async function unpackDebianPackages(names, folder) {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    for (const name of ['lists/partial', 'cache/archives/partial', 'root'])
      await mkdir(path.join(work, name), { recursive: true });
    await aptGet([...within(work), 'update']);
    await aptGet([...within(work), 'install', '--download-only', '--no-install-recommends', ...names]);
    const archives = path.join(work, 'cache/archives');
    for (const file of await readdir(archives))
      if (file.endsWith('.deb'))
        await runQuietly('dpkg-deb', ['--extract', path.join(archives, file), path.join(work, 'root')], {});
    await rename(path.join(work, 'root'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
