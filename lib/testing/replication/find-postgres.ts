import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import type { PostgresPrograms } from './replicated-postgres.ts';

const NAMES = ['initdb', 'postgres', 'pg_basebackup'] as const;
const OLDEST = 15;

/** Where Debian and Ubuntu keep PostgreSQL's programs: in a folder for each version, outside the PATH. */
function debianFolders(): string[] {
  const versionOf = (folder: string) => Number(folder.split('/')[4]);
  return globSync('/usr/lib/postgresql/*/bin')
    .filter((folder) => versionOf(folder) >= OLDEST)
    .sort((a, b) => versionOf(b) - versionOf(a));
}

/**
 * Finds PostgreSQL's own programs on the machine, the newest first: the embedded ones lack pg_basebackup.
 * @throws if there are none
 */
export function findPostgres(): Required<PostgresPrograms> {
  const folders = [...debianFolders(), ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean)];
  const bin = folders.find((folder) => NAMES.every((name) => existsSync(path.join(folder, name))));
  if (bin === undefined)
    throw new Error(
      `This needs PostgreSQL ${OLDEST} or newer with pg_basebackup. Install it (Debian: apt-get install postgresql) and try again.`,
    );
  const [initdb = '', postgres = '', pg_basebackup = ''] = NAMES.map((name) => path.join(bin, name));
  return { initdb, postgres, pg_basebackup };
}
