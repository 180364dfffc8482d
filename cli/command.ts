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

/** Finds the port of the server that a running Stagedoor has started: the fourth line of its `postmaster.pid`. */
async function runningDatabase(folder: string): Promise<OpenDatabase> {
  const file = await readFile(path.join(folder, 'cluster/postmaster.pid'), 'utf8').catch(() => '');
  const port = file.split('\n')[3];
  if (!port) throw new CliError('Stagedoor is just starting or stopping: try again in a moment.');
  const url = `postgresql://stagedoor:${await readPassword(folder)}@127.0.0.1:${port}/stagedoor`;
  return { url, close: async () => {} };
}

/** Opens the data folder's database as its owner, and starts it if no Stagedoor runs there. */
async function embeddedDatabase(dataFolder: string): Promise<OpenDatabase> {
  const folder = path.join(dataFolder, 'postgres');
  if (!existsSync(dataFolder) || !hasCluster(folder))
    throw new CliError(
      `There is no database in ${dataFolder}: set DATABASE_URL, or STAGEDOOR_DATA to the folder of a Stagedoor that was started once.`,
    );
  const release = await tryLock(path.join(dataFolder, 'lock'));
  if (!release) return runningDatabase(folder);
  const server = await startEmbeddedPostgres({ folder });
  const close = async () => {
    await server.stop();
    release();
  };
  return { url: server.url, close };
}

async function openDatabase(): Promise<OpenDatabase> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const environment = { ...process.env, STAGEDOOR_EMBEDDED: undefined };
  const result = parseSettings(environment, process.env.DATABASE_URL?.trim() ? 'verifier' : 'all');
  if (!result.ok) throw new CliError(result.mistakes.join('\n'));
  const { embedded, dataFolder, databaseUrl } = result.settings;
  if (embedded) return embeddedDatabase(dataFolder);
  const problem = await findDatabaseProblem(databaseUrl);
  if (problem) throw new CliError(problem);
  return { url: databaseUrl, close: async () => {} };
}

/**
 * Runs `work` on the database that the settings name, beside a running Stagedoor or without one.
 * @throws a CliError that says what to do, if there is no database
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const opened = await openDatabase();
  const { database, close } = connectDatabase(opened.url);
  try {
    return await work(database);
  } finally {
    await close();
    await opened.close();
  }
}

/** Parses the command line; a mistake in it is answered with the usage. */
export function parseCommandLine<T extends Parameters<typeof parseArgs>[0]>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new CliError(`${(cause as Error).message}\n\n${usage}`, { cause });
  }
}

/** What a command prints on standard output and standard error, and the exit code of its process. */
export type Outcome = { output: string; error: string; exitCode: number };

export type Command = {
  run(args: string[]): Promise<Pick<Outcome, 'output' | 'exitCode'>>;
  /** The exit code if `run` throws. */
  failureCode: number;
  /** Precedes the reason of an unexpected error. */
  failurePrefix: string;
};

/** Runs a command, and turns what it throws into words. */
export async function performCommand(command: Command, args: string[]): Promise<Outcome> {
  try {
    return { error: '', ...(await command.run(args)) };
  } catch (thrown) {
    const { name, message, cause } = thrown as Error;
    const reason = name === 'DrizzleQueryError' && cause instanceof Error ? cause.message : message;
    const error = thrown instanceof CliError ? message : `${command.failurePrefix} ${reason}`;
    return { output: '', error, exitCode: command.failureCode };
  }
}

/** Runs a command with this process's arguments, prints what it says and ends the process with its exit code. */
export async function runCommand(command: Command): Promise<never> {
  // A server that was started for the command ends with the process.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(command.failureCode));
  const { output, error, exitCode } = await performCommand(command, process.argv.slice(2));
  if (output) console.log(output);
  if (error) console.error(error);
  process.exit(exitCode);
}
