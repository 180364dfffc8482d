import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findDatabaseProblem } from '#db/check-database.ts';
import { connectDatabase, type Database } from '#db/client.ts';
import { hasCluster, readPassword, startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { parseSettings } from '#lib/platform/config/settings.ts';
import { tryLock } from '../scripts/file-lock.ts';
import { CliError } from '../scripts/terminal.ts';

type OpenDatabase = { url: string; close(): Promise<void> };

/** Returns the URL of a running Stagedoor's database. Its port is the fourth line of `postmaster.pid`. */
async function findRunningDatabase(folder: string): Promise<OpenDatabase> {
  const file = await readFile(path.join(folder, 'cluster/postmaster.pid'), 'utf8').catch(() => '');
  const port = file.split('\n')[3];
  if (!port) throw new CliError('Stagedoor is starting or stopping. Try again in a moment.');
  const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
  return { url, close: async () => {} };
}

/** Opens the data folder's database as its owner, and starts it if no Stagedoor uses the folder. */
async function openEmbeddedDatabase(dataFolder: string): Promise<OpenDatabase> {
  const folder = path.join(dataFolder, 'postgres');
  if (!existsSync(dataFolder) || !hasCluster(folder))
    throw new CliError(
      `There is no database in ${dataFolder}. Set DATABASE_URL, or set STAGEDOOR_DATA to the data folder of a Stagedoor that has been started before.`,
    );
  const release = await tryLock(path.join(dataFolder, 'lock'));
  if (!release) return findRunningDatabase(folder);
  const server = await startEmbeddedPostgres({ folder });
  const close = async () => {
    await server.stop();
    release();
  };
  return { url: server.url, close };
}

async function openDatabase(): Promise<OpenDatabase> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // Ignore STAGEDOOR_EMBEDDED, which `npm start` sets for its services: here, it would make DATABASE_URL be ignored.
  const environment = { ...process.env, STAGEDOOR_EMBEDDED: undefined };
  // With DATABASE_URL, the settings of the verifier are enough: a command needs no secrets and no providers.
  const result = parseSettings(environment, process.env.DATABASE_URL?.trim() ? 'verifier' : 'all');
  if (!result.ok) throw new CliError(result.errors.join('\n'));
  const { isEmbedded, dataFolder, databaseUrl } = result.settings;
  if (isEmbedded) return openEmbeddedDatabase(dataFolder);
  const problem = await findDatabaseProblem(databaseUrl);
  if (problem) throw new CliError(problem);
  return { url: databaseUrl, close: async () => {} };
}

/**
 * Runs `work` with the URL of the database of the settings, whether Stagedoor is running or not.
 * @throws a CliError with advice if there is no database
 */
export async function withDatabaseUrl<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { url, close } = await openDatabase();
  try {
    return await work(url);
  } finally {
    await close();
  }
}

/** Runs `work` on the database of the settings, like `withDatabaseUrl`. */
export function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabaseUrl(async (url) => {
    const { database, close } = connectDatabase(url);
    try {
      return await work(database);
    } finally {
      await close();
    }
  });
}

/**
 * Parses the command line.
 * @throws a CliError with the usage if it is invalid
 */
export function parseCommandLine<T extends Parameters<typeof parseArgs>[0]>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new CliError(`${(cause as Error).message}\n\n${usage}`, { cause });
  }
}

/** The text for standard output and standard error, and the exit code. */
export type Outcome = { output: string; error: string; exitCode: number };

export type Command = {
  run(args: string[]): Promise<Pick<Outcome, 'output' | 'exitCode'>>;
  /** The exit code if `run` throws. */
  failureCode: number;
  /** Printed before the reason of an unexpected error. */
  failurePrefix: string;
};

/** Runs a command, and converts an error to a message and an exit code. */
export async function executeCommand(command: Command, args: string[]): Promise<Outcome> {
  try {
    return { error: '', ...(await command.run(args)) };
  } catch (error) {
    const { name, message, cause } = error as Error;
    const reason = name === 'DrizzleQueryError' && cause instanceof Error ? cause.message : message;
    const errorOutput = error instanceof CliError ? message : `${command.failurePrefix} ${reason}`;
    return { output: '', error: errorOutput, exitCode: command.failureCode };
  }
}

/** Runs a command with this process's arguments, prints its output and ends the process with its exit code. */
export async function runCommand(command: Command): Promise<never> {
  // A database server that the command started ends with the process.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(command.failureCode));
  const { output, error, exitCode } = await executeCommand(command, process.argv.slice(2));
  if (output) console.log(output);
  if (error) console.error(error);
  process.exit(exitCode);
}
