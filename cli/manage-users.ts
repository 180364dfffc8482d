import type { Database } from '#db/client.ts';
import { createUserAtConsole } from '#lib/identity/users/create-at-console.ts';
import { type ListedUser, listUsersAtConsole } from '#lib/identity/users/list-at-console.ts';
import {
  type ResetPasswordAtConsoleResult,
  resetPasswordAtConsole,
} from '#lib/identity/users/reset-password-at-console.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { normalizeEmail } from '#lib/platform/user-input/email.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabase } from './command.ts';

type Input = {
  email: string;
  name: string | undefined;
  role: Role;
  removeSecondFactor: boolean;
  unlinkSso: boolean;
};
type Subcommand = {
  /** The names of the options that it accepts. */
  options: string[];
  takesEmail: boolean;
  run(database: Database, input: Input): Promise<string>;
};

const USAGE = `npm run admin -- list
npm run admin -- create <email> [--name "…"] [--role administrator|viewer]
npm run admin -- reset-password <email> [--remove-second-factor] [--unlink-single-sign-on]

list            lists all users
create          adds a user (an administrator by default) and prints their password once
reset-password  sets a new password, prints it once and signs the user out everywhere
  --remove-second-factor   also removes their passkeys, authenticator app and recovery codes, if they have lost them
  --unlink-single-sign-on  also unlinks their account at the OpenID provider, if it was recreated there; their next
                           single sign-on is matched by email address

Uses the database in DATABASE_URL, or the one in the data folder, whether Stagedoor is running or not.`;

const ROLES = new Map<string, Role>([
  ['administrator', 'settings_administrator'],
  ['viewer', 'settings_viewer'],
]);

const OPTIONS = {
  name: { type: 'string' },
  role: { type: 'string', default: 'administrator' },
  'remove-second-factor': { type: 'boolean', default: false },
  'unlink-single-sign-on': { type: 'boolean', default: false },
} as const;

const SEND_SECURELY = 'Send it to them securely.';
const formatPassword = (password: string) => `  ${password}\n\nIt won't be shown again.`;

/** Must be called after the database was opened, which loads `.env`. */
const isPasswordSignInDisabled = () => process.env.PASSWORD_SIGN_IN === '0';

async function createUser(database: Database, input: Input): Promise<string> {
  const result = await createUserAtConsole(database, input);
  if (result.ok && isPasswordSignInDisabled())
    return `${result.email} can now sign in with single sign-on, if their account there has this email address. Passwords are turned off (PASSWORD_SIGN_IN=0). If you turn them on, this is theirs:\n\n${formatPassword(result.password)}`;
  if (result.ok)
    return `${result.email} can now sign in with this password:\n\n${formatPassword(result.password)} ${SEND_SECURELY}`;
  const reasons = {
    malformed_email: `"${input.email}" isn't an email address. Enter a full one, such as name@example.com.`,
    malformed_name:
      "This name can't be used. Use only letters, numbers, spaces and punctuation, up to 100 characters. Nothing was changed.",
    email_taken: `A user with the email address ${input.email} already exists. Nothing was changed. To set a new password for them: npm run admin -- reset-password ${input.email}`,
  };
  throw new CliError(reasons[result.reason]);
}

/** Lists what else a reset changed, and what still prevents the user from signing in. */
function formatResetNotes(
  result: ResetPasswordAtConsoleResult & { ok: true },
  { unlinkSso }: Input,
): string[] {
  const secondFactor = {
    removed: 'Their two-step sign-in has been removed. Ask them to set it up again in “Your account”.',
    kept: 'They still need a passkey, their authenticator app or a recovery code. If they have lost these, run this again with --remove-second-factor.',
    none: '',
  };
  const singleSignOn = {
    unlinked: `Their account at the OpenID provider has been unlinked. The next one that signs in with ${result.email} will be linked.`,
    kept: 'They are still linked to an account at an OpenID provider. If it was recreated there, run this again with --unlink-single-sign-on.',
    none: unlinkSso ? 'They had no linked account at an OpenID provider.' : '',
  };
  const passwordsOff =
    "But passwords are turned off (PASSWORD_SIGN_IN=0), so they sign in at your OpenID provider. If that doesn't work, start Stagedoor once with PASSWORD_SIGN_IN=1.";
  const inactive = "But they are inactive, so they can't sign in until an administrator reactivates them.";
  return [
    secondFactor[result.secondFactor],
    singleSignOn[result.singleSignOn],
    isPasswordSignInDisabled() ? passwordsOff : '',
    result.active ? '' : inactive,
  ].filter(Boolean);
}

async function resetPassword(database: Database, input: Input): Promise<string> {
  const result = await resetPasswordAtConsole(database, input);
  if (!result.ok)
    throw new CliError(
      `There is no user with the email address ${input.email}. Nothing was changed. To list all users: npm run admin -- list`,
    );
  return [
    `${result.email} has been signed out everywhere. Their new password:`,
    '',
    `${formatPassword(result.password)} ${SEND_SECURELY}`,
    ...formatResetNotes(result, input),
  ].join('\n');
}

const HEADINGS = ['email', 'name', 'role', 'status', 'two-step sign-in', 'last active'];

/** Replaces control characters, which could control the terminal. */
const makePrintable = (text: string) => text.replaceAll(/\p{C}/gu, '?');

function formatFactors({ passkeyCount, hasTotp }: ListedUser): string {
  const passkeys = passkeyCount === 1 ? 'passkey' : `${passkeyCount} passkeys`;
  return [passkeyCount > 0 ? passkeys : '', hasTotp ? 'app' : ''].filter(Boolean).join(', ') || 'none';
}

function formatUser(user: ListedUser): string[] {
  const lastActive = user.lastSeenAt?.toISOString().replace(/^(.{10})T(.{5}).*/, '$1 $2 UTC') ?? 'never';
  const [role = user.role ?? 'none'] = [...ROLES].find(([, value]) => value === user.role) ?? [];
  const activeStatus = user.hasSignInMethod ? 'active' : 'invited';
  const status = user.active ? activeStatus : 'inactive';
  return [makePrintable(user.email), makePrintable(user.name), role, status, formatFactors(user), lastActive];
}

/** Lists the users as a table for a terminal. */
async function listUsers(database: Database): Promise<string> {
  const rows = [HEADINGS, ...(await listUsersAtConsole(database)).map(formatUser)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const format = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => format(row).trimEnd()).join('\n');
}

const SUBCOMMANDS = new Map<string, Subcommand>([
  ['list', { options: [], takesEmail: false, run: listUsers }],
  ['create', { options: ['name', 'role'], takesEmail: true, run: createUser }],
  [
    'reset-password',
    {
      options: ['remove-second-factor', 'unlink-single-sign-on'],
      takesEmail: true,
      run: resetPassword,
    },
  ],
]);

function parseInput(args: string[], { options, takesEmail }: Subcommand): Input {
  const accepted = Object.fromEntries(Object.entries(OPTIONS).filter(([name]) => options.includes(name)));
  const { values, positionals } = parseCommandLine(
    { args, options: accepted, allowPositionals: true },
    USAGE,
  );
  const [email = ''] = positionals;
  if (positionals.length !== Number(takesEmail))
    throw new CliError(
      `${takesEmail ? 'Enter one email address.' : "This command doesn't take an email address."}\n\n${USAGE}`,
    );
  const role = ROLES.get(String(values.role ?? 'administrator'));
  if (!role) throw new CliError(`"${values.role}" isn't a role. Use administrator or viewer.\n\n${USAGE}`);
  return {
    email: normalizeEmail(email),
    name: values.name === undefined ? undefined : String(values.name),
    role,
    removeSecondFactor: values['remove-second-factor'] === true,
    unlinkSso: values['unlink-single-sign-on'] === true,
  };
}

/** Lists and creates users, and resets their passwords. */
export const manageUsers: Command = {
  run: async (args) => {
    const [name = 'help', ...rest] = args;
    if (name === 'help' || args.includes('--help')) return { output: USAGE, exitCode: 0 };
    const subcommand = SUBCOMMANDS.get(name);
    if (!subcommand) throw new CliError(`"${name}" isn't a command.\n\n${USAGE}`);
    const input = parseInput(rest, subcommand);
    return { output: await withDatabase((database) => subcommand.run(database, input)), exitCode: 0 };
  },
  failureCode: 1,
  failurePrefix: "That didn't work:",
};
