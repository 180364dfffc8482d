import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import type { PostgresPrograms } from './replicated-postgres.ts';

const PROGRAMS = ['initdb', 'postgres', 'pg_basebackup'] as const;
const MIN_VERSION = 15;

/** Lists the folders of PostgreSQL's programs on Debian and Ubuntu, newest first: one per version, outside the PATH. */
function listDebianFolders(): string[] {
  const readVersion = (folder: string) => Number(folder.split('/')[4]);
  return globSync('/usr/lib/postgresql/*/bin')
    .filter((folder) => readVersion(folder) >= MIN_VERSION)
    .sort((a, b) => readVersion(b) - readVersion(a));
}

/**
 * Finds PostgreSQL's programs: the newest ones of Debian's folders, or else the first ones in the PATH, whose version
 * is not checked. The embedded ones lack pg_basebackup.
 * @throws if none are installed
 */
export function findPostgres(): Required<PostgresPrograms> {
  const folders = [...listDebianFolders(), ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean)];
  const bin = folders.find((folder) => PROGRAMS.every((name) => existsSync(path.join(folder, name))));
  if (bin === undefined)
    throw new Error(
      `This program needs PostgreSQL ${MIN_VERSION} or newer with pg_basebackup. Install it (Debian: apt-get install postgresql) and try again.`,
    );
  const [initdb = '', postgres = '', pg_basebackup = ''] = PROGRAMS.map((name) => path.join(bin, name));
  return { initdb, postgres, pg_basebackup };
}
