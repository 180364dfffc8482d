import { type Command, Option } from 'commander';
import type { ApiAccount, ApiAccountChanges, ApiAccountFilter, KeyReset } from '../typescript/client.ts';
import { type Context, confirm, connect, print } from './context.ts';
import { UsageError } from './exit-codes.ts';
import { findAccount } from './find-account.ts';
import { addFollow, followDelivery } from './follow.ts';
import { formatFields, formatTable, formatTime, makePrintable } from './format.ts';
import { addImport } from './import.ts';
import {
  createListParser,
  parseCount,
  parseLimit,
  parseOldKey,
  parseTime,
  UNLIMITED,
} from './parse-options.ts';

type Output = { json?: boolean };

const STATUSES = ['awaiting_collection', 'active', 'inactive', 'expired', 'locked', 'delivery_failed'];
const DEFAULT_LIMIT = 50;
const MAX_PAGE_SIZE = 200;
const ACCOUNT = ['<account>', 'its username or id'] as const;
const JSON_OPTION = ['--json', 'print JSON, for programs'] as const;
const YES_OPTION = ['--yes', 'do not ask'] as const;
const SCOPES_OPTION = '--scopes <names>';
const NETWORKS_OPTION = '--networks <ranges>';
const EXPIRES_OPTION = '--expires <time>';

const formatStatus = (status: string) => status.replaceAll('_', ' ');
const formatList = (names: string[] | null | undefined, unlimited: string) =>
  names ? names.join(', ') || 'none' : unlimited;

const formatAccount = (account: ApiAccount) =>
  formatFields([
    ['Username', account.username],
    ['Id', account.id],
    ['Email address', account.email],
    ['Phone number', account.phone],
    ['Status', formatStatus(account.status)],
    ['Requests per minute', String(account.requestsPerMinute ?? 'no limit of its own')],
    ['Scopes', formatList(account.scopes, 'full access')],
    ['Allowed networks', formatList(account.allowedNetworks, 'anywhere')],
    ['Expires', formatTime(account.expiresAt) || 'never'],
    ['Last used', formatTime(account.lastUsedAt) || 'never'],
    ['Created', formatTime(account.createdAt)],
    ['Notes', account.notes.replaceAll(/\s+/g, ' ')],
  ]);

const formatAccounts = (accounts: ApiAccount[]) =>
  formatTable(
    ['Username', 'Email address', 'Phone number', 'Status', 'Last used'],
    accounts.map(({ username, email, phone, status, lastUsedAt }) => [
      username,
      email,
      phone,
      formatStatus(status),
      formatTime(lastUsedAt) || 'never',
    ]),
  );

function addList(accounts: Command, context: Context): void {
  accounts
    .command('list')
    .description('List API accounts.')
    .option('--search <text>', 'only accounts with this text in the username or contact details')
    .addOption(new Option('--status <status>', 'only accounts with this status').choices(STATUSES))
    .option('--limit <count>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option('--all', 'all of them, whatever --limit says')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor accounts list --status expired\n  stagedoor accounts list --all --json | jq -r '.[].email'`,
    )
    .action(
      async (
        options: Output & { search?: string; status?: ApiAccount['status']; limit: number; all?: true },
      ) => {
        const client = await connect(context);
        const { search, status } = options;
        const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
        // A limit of one more shows whether there are more.
        const filter: ApiAccountFilter = { limit: Math.min(limit + 1, MAX_PAGE_SIZE) };
        if (search !== undefined) filter.search = search;
        if (status !== undefined) filter.status = status;
        const accounts: ApiAccount[] = [];
        let hasMore = false;
        for await (const account of client.apiAccounts.list(filter)) {
          hasMore = accounts.length === limit;
          if (hasMore) break;
          accounts.push(account);
        }
        await print(context, options, accounts, accounts.length > 0 ? formatAccounts(accounts) : '');
        if (hasMore)
          context.terminal.writeError(`There are more than ${limit}. Add --all or a higher --limit.\n`);
        else if (accounts.length === 0 && !options.json)
          context.terminal.writeError('There are no such accounts.\n');
      },
    );
}

function addGet(accounts: Command, context: Context): void {
  accounts
    .command('get')
    .description('Show an API account.')
    .argument(...ACCOUNT)
    .option(...JSON_OPTION)
    .addHelpText('after', `\nExamples:\n  stagedoor accounts get 'Northern Lights'`)
    .action(async (typed: string, options: Output) => {
      const account = await findAccount(await connect(context), typed);
      await print(context, options, account, formatAccount(account));
    });
}

type UpdateOptions = Output & {
  email?: string;
  phone?: string;
  requestsPerMinute?: number | typeof UNLIMITED;
  expires?: string | typeof UNLIMITED;
  scopes?: string[] | typeof UNLIMITED;
  networks?: string[] | typeof UNLIMITED;
  notes?: string;
};

/** Collects the fields that were given. */
function collectChanges(options: UpdateOptions): ApiAccountChanges {
  const {
    email,
    phone,
    requestsPerMinute,
    notes,
    scopes,
    expires: expiresAt,
    networks: allowedNetworks,
  } = options;
  const all = { email, phone, requestsPerMinute, expiresAt, scopes, allowedNetworks, notes };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, value === UNLIMITED ? null : value]));
}

type CreateOptions = Output & {
  username: string;
  email: string;
  phone: string;
  requestsPerMinute?: number | typeof UNLIMITED;
  expires?: string | typeof UNLIMITED;
  scopes?: string[] | typeof UNLIMITED;
  networks?: string[] | typeof UNLIMITED;
  notes?: string;
  idempotencyKey?: string;
  follow?: true;
};

function addCreate(accounts: Command, context: Context): void {
  accounts
    .command('create')
    .description('Create an API account. The company gets a link by email and a code by text message.')
    .requiredOption('--username <name>', 'the company’s name')
    .requiredOption('--email <address>', 'where the link goes')
    .requiredOption('--phone <number>', 'where the code goes, with the country code')
    .option(
      EXPIRES_OPTION,
      'a time with its zone, or "never" (default: as Settings › Expiry says)',
      parseTime,
    )
    .option(SCOPES_OPTION, 'separated by commas, or "all" (default: all)', createListParser('all'))
    .option(
      NETWORKS_OPTION,
      'separated by commas, or "anywhere" (default: anywhere)',
      createListParser('anywhere'),
    )
    .option('--requests-per-minute <count>', 'or "none" for no limit of its own (default: none)', parseLimit)
    .option('--notes <text>', 'which the company does not see')
    .option('--idempotency-key <key>', 'with the same key, the account is created only once in 24 hours')
    .option('--follow', 'show the steps of the key delivery until the company uses its key')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor accounts create --username 'Northern Lights' --email it@northern-lights.example --phone '+44 7400 123456'`,
    )
    .action(async (options: CreateOptions) => {
      const { username, email, phone, idempotencyKey } = options;
      const client = await connect(context);
      const account = await client.apiAccounts.create(
        { ...collectChanges(options), username, email, phone },
        idempotencyKey === undefined ? {} : { idempotencyKey },
      );
      const created = makePrintable(`Created ${account.username}.`);
      const sent = makePrintable(`The link goes to ${account.email}, and the code to ${account.phone}.`);
      const text = `${created} ${sent}\n\n${formatAccount(account)}`;
      if (!options.follow) return print(context, options, account, text);
      const line = `${JSON.stringify({ type: 'account', account })}\n`;
      await context.terminal.writeOutput(options.json ? line : `${text}\n`);
      await followDelivery(context, client, account, options);
    });
}

function addUpdate(accounts: Command, context: Context): void {
  accounts
    .command('update')
    .description('Change an API account.')
    .argument(...ACCOUNT)
    .option('--email <address>', 'where the link goes')
    .option('--phone <number>', 'where the code goes, with the country code')
    .option('--requests-per-minute <count>', 'or "none" for no limit of its own', parseLimit)
    .option(EXPIRES_OPTION, 'a time with its zone, or "never"', parseTime)
    .option(SCOPES_OPTION, 'separated by commas, or "all"', createListParser('all'))
    .option(NETWORKS_OPTION, 'separated by commas, or "anywhere"', createListParser('anywhere'))
    .option('--notes <text>', 'which the company does not see')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor accounts update 'Northern Lights' --scopes orders:read,orders:write\n  stagedoor accounts update 'Northern Lights' --requests-per-minute 600 --expires never`,
    )
    .action(async (typed: string, options: UpdateOptions) => {
      const changes = collectChanges(options);
      if (Object.keys(changes).length === 0) throw new UsageError('Say what to change, such as --email.');
      const client = await connect(context);
      const account = await client.apiAccounts.update(await findAccount(client, typed), changes);
      await print(context, options, account, `Changed.\n\n${formatAccount(account)}`);
    });
}

function addActivation(accounts: Command, context: Context, name: string, active: boolean): void {
  accounts
    .command(name)
    .description(
      active ? 'Reactivate an API account.' : 'Deactivate an API account: its key is refused immediately.',
    )
    .argument(...ACCOUNT)
    .option(...JSON_OPTION)
    .addHelpText('after', `\nExamples:\n  stagedoor accounts ${name} 'Northern Lights'`)
    .action(async (typed: string, options: Output) => {
      const client = await connect(context);
      const found = await findAccount(client, typed);
      const account = found.active === active ? found : await client.apiAccounts.update(found, { active });
      const state = active ? 'active' : 'inactive';
      await print(context, options, account, makePrintable(`${account.username} is ${state}.`).concat('\n'));
    });
}

const OLD_KEY_EFFECTS: Record<string, string> = {
  immediately: 'stops working immediately',
  on_collection: 'works until the new one is collected',
  on_first_use: 'works until the new one is first used',
};

const describeOldKey = (oldKey: NonNullable<KeyReset['oldKey']>) =>
  typeof oldKey === 'string' ? OLD_KEY_EFFECTS[oldKey] : `works for another ${oldKey.hours} h`;

function addReset(accounts: Command, context: Context): void {
  accounts
    .command('reset')
    .description('Reset the API key. The company gets a new link and a new code.')
    .argument(...ACCOUNT)
    .option(
      '--old-key <when>',
      'when the old key stops working: immediately, on-collection, on-first-use, or hours such as 24h',
      parseOldKey,
      'immediately' as const,
    )
    .option('--idempotency-key <key>', 'with the same key, it is reset only once in 24 hours')
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `\nExamples:\n  stagedoor accounts reset 'Northern Lights' --old-key on-first-use --yes`,
    )
    .action(
      async (
        typed: string,
        options: Output & { oldKey: NonNullable<KeyReset['oldKey']>; yes?: boolean; idempotencyKey?: string },
      ) => {
        const { oldKey, idempotencyKey } = options;
        const client = await connect(context);
        const { id, username } = await findAccount(client, typed);
        const effect = `The old key ${describeOldKey(oldKey)}.`;
        const question = makePrintable(`Reset the API key of ${username}? ${effect} [y/N] `);
        await confirm(context, options, question, (answer) => answer === 'y' || answer === 'yes');
        const post = idempotencyKey === undefined ? {} : { idempotencyKey };
        const account = await client.apiAccounts.resetKey(id, { oldKey }, post);
        await print(
          context,
          options,
          account,
          makePrintable(`Reset the API key of ${username}. ${effect}`).concat('\n'),
        );
      },
    );
}

function addDelete(accounts: Command, context: Context): void {
  accounts
    .command('delete')
    .description('Delete an API account, its key and its contact details.')
    .argument(...ACCOUNT)
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', `\nExamples:\n  stagedoor accounts delete 'Northern Lights' --yes`)
    .action(async (typed: string, options: Output & { yes?: boolean }) => {
      const client = await connect(context);
      const { id, username } = await findAccount(client, typed);
      const question = makePrintable(`This cannot be undone. Type the username (${username}) to delete it: `);
      await confirm(context, options, question, (answer) => answer === username.toLowerCase());
      await client.apiAccounts.delete(id);
      await print(
        context,
        options,
        { id, username, deleted: true },
        makePrintable(`Deleted ${username}.`).concat('\n'),
      );
    });
}

/** Adds `accounts list`, `get`, `create`, `import`, `follow`, `update`, `reset`, `deactivate`, `activate` and `delete`. */
export function addAccounts(program: Command, context: Context): void {
  const accounts = program
    .command('accounts')
    .description('List, create, change, reset and delete API accounts.');
  addList(accounts, context);
  addGet(accounts, context);
  addCreate(accounts, context);
  addImport(accounts, context);
  addFollow(accounts, context);
  addUpdate(accounts, context);
  addReset(accounts, context);
  addActivation(accounts, context, 'deactivate', false);
  addActivation(accounts, context, 'activate', true);
  addDelete(accounts, context);
}
