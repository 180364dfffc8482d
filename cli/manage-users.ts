import type { Database } from '#db/client.ts';
import { createAtConsole } from '#lib/identity/users/create-at-console.ts';
import { type ListedUser, listAtConsole } from '#lib/identity/users/list-at-console.ts';
import {
  type ResetAtConsoleResult,
  resetPasswordAtConsole,
} from '#lib/identity/users/reset-password-at-console.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabase } from './command.ts';

type Input = {
  email: string;
  name: string | undefined;
  role: Role;
  removeSecondFactor: boolean;
  unlinkSso: boolean;
};
/** `options`: the names of the options that it accepts. */
type Subcommand = {
  options: string[];
  takesEmail: boolean;
  run(database: Database, input: Input): Promise<string>;
};

const USAGE = `npm run admin -- list
npm run admin -- create <email> [--name "…"] [--role administrator|viewer]
npm run admin -- reset-password <email> [--remove-second-factor] [--forget-single-sign-on]

list            everybody: who may sign in, who was invited, and who is not active
create          adds somebody, as an administrator unless --role says otherwise, and prints their password once
reset-password  gives somebody a new password, prints it once, and signs them out everywhere;
                --remove-second-factor: also removes passkeys, authenticator app and recovery codes, where they are lost
                --forget-single-sign-on: also forgets their account at the OpenID provider, where it was made anew:
                their next sign-in there goes by the email address

It works on the database of DATABASE_URL, or of the data folder, whether Stagedoor runs or not.`;

const ROLES = new Map<string, Role>([
  ['administrator', 'settings_administrator'],
  ['viewer', 'settings_viewer'],
]);

const OPTIONS = {
  name: { type: 'string' },
  role: { type: 'string', default: 'administrator' },
  'remove-second-factor': { type: 'boolean', default: false },
  'forget-single-sign-on': { type: 'boolean', default: false },
} as const;

const formatPassword = (password: string) => `  ${password}\n\nIt is not shown again.`;

/** Must be called after the database was opened, which loads `.env`. */
const isPasswordSignInDisabled = () => process.env.PASSWORD_SIGN_IN === '0';

async function create(database: Database, input: Input): Promise<string> {
  const result = await createAtConsole(database, input);
  if (result.ok && isPasswordSignInDisabled())
    return `${result.email} may sign in now, at your OpenID provider, where this has to be their address: passwords are off (PASSWORD_SIGN_IN=0). Should they be on again, theirs is:\n\n${formatPassword(result.password)}`;
  if (result.ok)
    return `${result.email} may sign in now, with this password:\n\n${formatPassword(result.password)} Hand it over by a safe way.`;
  const reasons = {
    malformed_email: `"${input.email}" is no email address: check how it is written.`,
    malformed_name:
      'This name is not taken, and nothing was changed: use letters, digits, punctuation and spaces, at most 100 characters.',
    exists: `Somebody has the email address ${input.email} already, and nothing was changed. A new password for them: npm run admin -- reset-password ${input.email}`,
  };
  throw new CliError(reasons[result.reason]);
}

/** Lists what else a reset changed, and what still prevents the user from signing in. */
function formatResetNotes(result: ResetAtConsoleResult & { ok: true }, { unlinkSso }: Input): string[] {
  const secondFactor = {
    removed: 'Their two-step sign-in has been removed. Ask them to set it up again in “Your account”.',
    kept: 'They still need a passkey, their authenticator app or a recovery code. If they have lost these, run this again with --remove-second-factor.',
    none: '',
  };
  const singleSignOn = {
    forgotten: `Their account at the OpenID provider is forgotten: the next one there that has the address ${result.email} is theirs.`,
    kept: 'An account at an OpenID provider, perhaps of earlier settings, is still linked. If it was made anew there, do this again with --forget-single-sign-on.',
    none: unlinkSso
      ? 'No account at an OpenID provider was linked with them, so there was none to forget.'
      : '',
  };
  const passwordsOff =
    'Passwords are off, though (PASSWORD_SIGN_IN=0): they sign in at your OpenID provider. Where nobody can, start once with PASSWORD_SIGN_IN=1.';
  const notActive = 'They are not active, though, and cannot sign in until somebody changes that.';
  return [
    secondFactor[result.secondFactor],
    singleSignOn[result.singleSignOn],
    isPasswordSignInDisabled() ? passwordsOff : '',
    result.active ? '' : notActive,
  ].filter(Boolean);
}

async function resetPassword(database: Database, input: Input): Promise<string> {
  const result = await resetPasswordAtConsole(database, input);
  if (!result.ok)
    throw new CliError(
      `Nobody has the email address ${input.email}, and nothing was changed. Who there is: npm run admin -- list`,
    );
  return [
    `${result.email} has a new password, and is signed out everywhere:`,
    '',
    `${formatPassword(result.password)} Hand it over by a safe way.`,
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
  const seen = user.lastSeenAt?.toISOString().replace(/^(.{10})T(.{5}).*/, '$1 $2 UTC') ?? 'never';
  const [role = user.role ?? 'none'] = [...ROLES].find(([, value]) => value === user.role) ?? [];
  const active = user.invited ? 'invited' : 'active';
  const status = user.active ? active : 'not active';
  return [makePrintable(user.email), makePrintable(user.name), role, status, formatFactors(user), seen];
}

/** Formats the users as a table for a terminal. */
async function list(database: Database): Promise<string> {
  const rows = [HEADINGS, ...(await listAtConsole(database)).map(formatUser)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const format = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => format(row).trimEnd()).join('\n');
}

const SUBCOMMANDS = new Map<string, Subcommand>([
  ['list', { options: [], takesEmail: false, run: list }],
  ['create', { options: ['name', 'role'], takesEmail: true, run: create }],
  [
    'reset-password',
    {
      options: ['remove-second-factor', 'forget-single-sign-on'],
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
      `${takesEmail ? 'Say one email address.' : 'This takes no email address.'}\n\n${USAGE}`,
    );
  const role = ROLES.get(String(values.role ?? 'administrator'));
  if (!role) throw new CliError(`"${values.role}" is no role: say administrator or viewer.\n\n${USAGE}`);
  return {
    email,
    name: values.name === undefined ? undefined : String(values.name),
    role,
    removeSecondFactor: values['remove-second-factor'] === true,
    unlinkSso: values['forget-single-sign-on'] === true,
  };
}

/** Lists and creates users, and resets their passwords. */
export const manageUsers: Command = {
  run: async (args) => {
    const [name = 'help', ...rest] = args;
    if (name === 'help' || args.includes('--help')) return { output: USAGE, exitCode: 0 };
    const subcommand = SUBCOMMANDS.get(name);
    if (!subcommand) throw new CliError(`"${name}" is no command.\n\n${USAGE}`);
    const input = parseInput(rest, subcommand);
    return { output: await withDatabase((database) => subcommand.run(database, input)), exitCode: 0 };
  },
  failureCode: 1,
  failurePrefix: 'This could not be done:',
};
