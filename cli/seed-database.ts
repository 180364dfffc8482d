import { createClient } from '#db/client-config.ts';
import { countSeededAccounts, type SeededCounts, seedAccounts } from '../scripts/seed/seed-accounts.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabaseUrl } from './command.ts';
import { createProgressBar } from './progress-bar.ts';

const MAX_ACCOUNTS = 10_000_000;

const USAGE = `npm run seed -- <number of accounts> [--seed <number>] [--add-to-existing]

Fills the database with example API accounts, until it has that many of them. Messages to them
reach no phone and no mailbox, and their keys are not known. Use a database for tests only.

--seed             generates other accounts; the same number generates the same ones (default: 1)
--add-to-existing  also if the database has accounts that this command did not create

Uses the database in DATABASE_URL, or the one in the data folder, whether Stagedoor is running or not.`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  'add-to-existing': { type: 'boolean', default: false },
} as const;

function parseWholeNumber(text: string | undefined, name: string, max: number): number {
  const digits = text?.replace(/[,_]/g, '') ?? '';
  const number = Number(digits);
  if (/^\d+$/.test(digits) && number >= 1 && number <= max) return number;
  const range = `1 to ${max.toLocaleString('en-GB')}`;
  throw new CliError(`Enter ${name} as a whole number from ${range}.\n\n${USAGE}`);
}

const formatAccounts = (count: number) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'account' : 'accounts'}`;

async function countAccounts(url: string): Promise<SeededCounts> {
  const client = createClient(url);
  await client.connect();
  try {
    return await countSeededAccounts(client);
  } finally {
    await client.end();
  }
}

/** The error code of PostgreSQL for a duplicate key. */
const UNIQUE_VIOLATION = '23505';

function explainFailure(error: unknown): unknown {
  if ((error as { code?: string }).code !== UNIQUE_VIOLATION) return error;
  return new CliError(
    'An account of the database has the username of one that was to be created. Rename nothing; use an empty database instead. The accounts created so far are kept.',
    { cause: error },
  );
}

/** Fills the database with example accounts. Exit codes: 0 if it has as many as asked for, otherwise 1. */
export const seedDatabase: Command = {
  run: async (args) => {
    const { values, positionals } = parseCommandLine(
      { args, options: OPTIONS, allowPositionals: true },
      USAGE,
    );
    if (positionals.length > 1) throw new CliError(`Enter one number of accounts.\n\n${USAGE}`);
    const accounts = parseWholeNumber(positionals[0], 'the number of accounts', MAX_ACCOUNTS);
    const seed = parseWholeNumber(String(values.seed), '--seed', 2 ** 32);
    const startedAt = performance.now();
    const created = await withDatabaseUrl(async (url) => {
      const { others } = await countAccounts(url);
      if (others > 0 && !values['add-to-existing'])
        throw new CliError(
          `The database has ${formatAccounts(others)} that this command did not create, so nothing was changed. Use an empty database, or add --add-to-existing.`,
        );
      return seedAccounts(url, { accounts, seed, onProgress: createProgressBar() }).catch((error) => {
        throw explainFailure(error);
      });
    });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const output =
      created > 0
        ? `Created ${formatAccounts(created)} in ${seconds} s.`
        : `The database already has ${formatAccounts(accounts)} or more that this command created. Nothing was changed.`;
    return { output, exitCode: 0 };
  },
  failureCode: 1,
  failurePrefix: "The accounts couldn't be created:",
};
