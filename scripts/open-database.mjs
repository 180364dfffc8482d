import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from './file-lock.ts';
import { hasCluster, readPassword } from './postgres.ts';
import { CliError } from './terminal.ts';

/** @typedef {{ url: string, close(): Promise<void> }} OpenDatabase */

/**
 * The database that a Stagedoor runs on this data folder. The fourth line of its `postmaster.pid` is the port.
 * @param {string} folder @returns {Promise<OpenDatabase>}
 */
async function runningDatabase(folder) {
  const file = await readFile(path.join(folder, 'cluster/postmaster.pid'), 'utf8').catch(() => '');
  const port = file.split('\n')[3];
  if (!port) throw new CliError('Stagedoor is just starting or stopping: try again in a moment.');
  const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
  return { url, close: async () => {} };
}

/**
 * The data folder's database, as its owner: the one that runs, or else started for as long as it is open.
 * @param {string} dataFolder @returns {Promise<OpenDatabase>}
 */
async function embeddedDatabase(dataFolder) {
  const folder = path.join(dataFolder, 'postgres');
  if (!existsSync(dataFolder) || !hasCluster(folder))
    throw new CliError(
      `There is no database in ${dataFolder}: set DATABASE_URL, or STAGEDOOR_DATA to the folder of a Stagedoor that was started once.`,
    );
  const release = await tryLock(path.join(dataFolder, 'lock'));
  if (!release) return runningDatabase(folder);
  const { startEmbeddedPostgres } = await import('./postgres.ts');
  const server = await startEmbeddedPostgres({ folder });
  const close = async () => {
    await server.stop();
    release();
  };
  return { url: server.url, close };
}

/**
 * Opens the database that the settings name, for a command that runs beside Stagedoor or without it.
 * @returns {Promise<OpenDatabase>}
 * @throws a CliError that says what to do
 */
export async function openDatabase() {
  if (existsSync('.env')) process.loadEnvFile('.env');
  delete process.env.STAGEDOOR_EMBEDDED;
  const { parseSettings } = await import('#lib/settings.ts');
  const result = parseSettings(process.env, process.env.DATABASE_URL?.trim() ? 'verifier' : 'all');
  if (!result.ok) throw new CliError(result.mistakes.join('\n'));
  const { embedded, dataFolder, databaseUrl } = result.settings;
  if (embedded) return embeddedDatabase(dataFolder);
  const { checkDatabase } = await import('./database.ts');
  await checkDatabase(databaseUrl);
  return { url: databaseUrl, close: async () => {} };
}
