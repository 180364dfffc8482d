import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ApiError, ConnectionError, type NewApiAccount } from '../typescript/client.ts';
import { type AccountRow, ERROR_COLUMN, readAccountFile } from './account-rows.ts';
import { type Context, confirm, connect, print } from './context.ts';
import { formatCsv } from './csv.ts';
import { IncompleteError, NotFoundError, UsageError } from './exit-codes.ts';
import { findAccount } from './find-account.ts';
import { makePrintable } from './format.ts';
import { Progress } from './progress.ts';
import { InterruptedError } from './terminal.ts';

type Client = Awaited<ReturnType<typeof connect>>;
type Options = { dryRun?: true; failures?: string; yes?: true; json?: true };

/** What is wrong with a field. `column` is empty if it is about the whole row. */
type FieldError = { column: string; detail: string };
type Outcome =
  | { result: 'created' | 'exists'; id: string }
  | { result: 'would_create' | 'not_tried' }
  | { result: 'failed'; errors: FieldError[] };
type Result = AccountRow & { outcome: Outcome };
type Run = { client: Client; signal: AbortSignal };

/** Enough to wait for the end of several windows of the rate limit. Each wait is as long as `Retry-After` says. */
const MAX_RETRIES = 10;

/** Recognises the row in a later run, for 24 hours: Stagedoor then creates nothing. */
const createIdempotencyKey = (account: NewApiAccount) =>
  `import-${createHash('sha256').update(JSON.stringify(account)).digest('base64url')}`;

const fail = (column: string, detail: string): Outcome => ({
  result: 'failed',
  errors: [{ column, detail }],
});

/** Finds an account by its username; undefined if there is none. */
async function findExisting({ client, signal }: Run, username: string) {
  return findAccount(client, username, { signal }).catch((error) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
}

/** Returns the errors of the fields that Stagedoor has refused. */
function listFieldErrors(error: ApiError): FieldError[] {
  const errors = error.errors.map(({ pointer = '', detail }) => ({
    column: pointer.split('/')[1] ?? '',
    detail,
  }));
  return errors.length > 0 ? errors : [{ column: '', detail: error.message }];
}

/** Returns whether the error concerns this row only. Others would also fail for the rows that follow. */
const isAboutRow = (error: unknown): error is ApiError =>
  error instanceof ApiError && [400, 409, 413, 422].includes(error.status);

async function create(run: Run, account: NewApiAccount): Promise<Outcome> {
  const { client, signal } = run;
  let isReplayed = false;
  const onReplay = () => {
    isReplayed = true;
  };
  try {
    const idempotencyKey = createIdempotencyKey(account);
    const { id } = await client.apiAccounts.create(account, { idempotencyKey, onReplay, signal });
    if (!isReplayed) return { result: 'created', id };
    await client.apiAccounts.get(id, { signal });
    return { result: 'exists', id };
  } catch (error) {
    if (isReplayed && error instanceof ApiError && error.status === 404)
      return fail('username', 'An earlier import created this account, and it was deleted since.');
    if (!isAboutRow(error)) throw error;
    const errors = listFieldErrors(error);
    const isTaken = errors.every(({ column }) => column === 'username');
    const existing = isTaken ? await findExisting(run, account.username) : undefined;
    return existing ? { result: 'exists', id: existing.id } : { result: 'failed', errors };
  }
}

async function check(run: Run, { username }: NewApiAccount): Promise<Outcome> {
  try {
    const existing = await findExisting(run, username);
    return existing ? { result: 'exists', id: existing.id } : { result: 'would_create' };
  } catch (error) {
    if (!isAboutRow(error)) throw error;
    return { result: 'failed', errors: listFieldErrors(error) };
  }
}

const count = (results: Result[], result: Outcome['result']) =>
  results.filter(({ outcome }) => outcome.result === result).length;

/** Handles the rows one after the other, until Ctrl-C or an error that is not about a row. */
async function runRows(
  { terminal }: Context,
  rows: AccountRow[],
  run: (account: NewApiAccount, signal: AbortSignal) => Promise<Outcome>,
): Promise<{ results: Result[]; reason: unknown }> {
  const results: Result[] = rows.map((row) => ({ ...row, outcome: { result: 'not_tried' } }));
  const progress = new Progress(terminal, rows.length);
  const reason: unknown = await terminal.runUntilInterrupted(async (signal) => {
    try {
      for (const [index, result] of results.entries()) {
        signal.throwIfAborted();
        progress.update(index, count(results, 'failed'));
        result.outcome = await run(result.account, signal);
      }
      progress.update(rows.length, count(results, 'failed'));
    } catch (error) {
      return error;
    }
  });
  progress.end();
  return { results, reason };
}

const formatErrors = (errors: FieldError[]) =>
  errors.map(({ column, detail }) => (column ? `${column}: ${detail}` : detail)).join(' ');

/** Writes the rows that failed to a file that can be corrected and imported. Only its user can read it. */
async function writeFailures(file: string, columns: string[], results: Result[]): Promise<void> {
  const rows = results.flatMap(({ cells, outcome }) =>
    outcome.result === 'failed' ? [[...cells, formatErrors(outcome.errors)]] : [],
  );
  // A new file, because the mode of an existing one does not change when it is written.
  await rm(file, { force: true });
  await writeFile(file, formatCsv([[...columns, ERROR_COLUMN], ...rows]), { mode: 0o600, flag: 'wx' });
}

const plural = (number: number, noun: string) =>
  `${number.toLocaleString('en-GB')} ${noun}${number === 1 ? '' : 's'}`;

function formatSummary(results: Result[], failuresFile: string | null): string {
  const counts = (result: Outcome['result']) => count(results, result);
  const sentences = [
    counts('would_create') > 0 && `Would create ${plural(counts('would_create'), 'account')}.`,
    counts('created') > 0 && `Created ${plural(counts('created'), 'account')}.`,
    counts('exists') > 0 &&
      `Skipped ${plural(counts('exists'), 'account')} that exist${counts('exists') === 1 ? 's' : ''} already.`,
    counts('not_tried') > 0 && `${plural(counts('not_tried'), 'row')} not tried.`,
    failuresFile && makePrintable(`${plural(counts('failed'), 'row')} failed: see ${failuresFile}.`),
  ];
  return sentences.filter(Boolean).join('\n').concat('\n');
}

const toJson = (results: Result[], failuresFile: string | null) => ({
  created: count(results, 'created'),
  existing: count(results, 'exists'),
  wouldCreate: count(results, 'would_create'),
  failed: count(results, 'failed'),
  notTried: count(results, 'not_tried'),
  failuresFile,
  rows: results.map(({ row, account: { username }, outcome }) => ({ row, username, ...outcome })),
});

async function readInput(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: Error) => {
    throw new UsageError(`${file} can't be read: ${cause.message}`, { cause });
  });
}

/** Throws what ended the import early, or that some rows failed. */
function throwFailure(context: Context, reason: unknown, failuresFile: string | null): void {
  const advice = 'Run the same command again to continue: what was created is skipped.';
  if (reason instanceof InterruptedError) throw new InterruptedError(`Cancelled. ${advice}`);
  if (reason instanceof ApiError || reason instanceof ConnectionError)
    context.terminal.writeError(`${advice}\n`);
  if (reason !== undefined) throw reason;
  if (failuresFile) throw new IncompleteError(`Some rows failed. Correct ${failuresFile}, and import it.`);
}

async function importAccounts(context: Context, file: string, options: Options): Promise<void> {
  const { columns, rows } = readAccountFile(file, await readInput(file));
  const client = await connect(context, { maxRetries: MAX_RETRIES });
  const question = `Create up to ${plural(rows.length, 'account')}? Each company gets an email and a text. [y/N] `;
  if (!options.dryRun)
    await confirm(context, options, question, (answer) => answer === 'y' || answer === 'yes');
  const run = options.dryRun ? check : create;
  const { results, reason } = await runRows(context, rows, (account, signal) =>
    run({ client, signal }, account),
  );
  const failuresFile =
    count(results, 'failed') > 0 ? (options.failures ?? `${file.replace(/\.csv$/i, '')}.failed.csv`) : null;
  await print(context, options, toJson(results, failuresFile), formatSummary(results, failuresFile));
  if (failuresFile) await writeFailures(failuresFile, columns, results);
  throwFailure(context, reason, failuresFile);
}

/** Completes the argument with the CSV files of the current folder. */
export function completeFile(complete: (value: string, description: string) => void): void {
  for (const name of readdirSync('.')) if (/\.csv$/i.test(name)) complete(name, '');
}

/** Adds `accounts import`. */
export function addImport(accounts: Command, context: Context): void {
  accounts
    .command('import')
    .description('Create API accounts from a CSV file. Usernames that exist already are skipped.')
    .argument('<file>', 'a CSV file in UTF-8, with a header')
    .option('--dry-run', 'only check the file, and which usernames exist')
    .option('--failures <file>', 'where to write rows that failed (default: <file>.failed.csv)')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON, for programs')
    .addHelpText(
      'after',
      `
Columns: username, email, phone, and if you like requestsPerMinute, scopes, allowedNetworks, expiresAt, notes and
phoneConfirmed. Separate several scopes or networks with spaces. An empty cell means the default.

The whole file is checked first: if a cell is wrong, nothing is created. Rows that Stagedoor refuses are written to a
CSV file with the reasons. Correct and import it. To continue after an interruption, run the same command again.

Examples:
  stagedoor accounts import companies.csv --dry-run
  stagedoor accounts import companies.csv --yes --json`,
    )
    .action((file: string, options: Options) => importAccounts(context, file, options));
}
