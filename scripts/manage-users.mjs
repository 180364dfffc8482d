import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from './open-database.mjs';
import { CliError } from './terminal.ts';
import { usersInWords } from './users-in-words.mjs';

/** @typedef {import('#db/client.ts').Database} Database */
/** @typedef {import('#lib/auth/roles.ts').Role} Role */
/** @typedef {{ email: string, name: string | undefined, role: Role, removeSecondFactor: boolean, forgetSingleSignOn: boolean }} Input */
/** @typedef {{ options: string[], takesEmail: boolean, run: (database: Database, input: Input) => Promise<string> }} Command */

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

/** @type {Record<string, Role>} */
const ROLES = { administrator: 'settings_administrator', viewer: 'settings_viewer' };

const OPTIONS = /** @type {const} */ ({
  name: { type: 'string' },
  role: { type: 'string', default: 'administrator' },
  'remove-second-factor': { type: 'boolean', default: false },
  'forget-single-sign-on': { type: 'boolean', default: false },
});

/** @param {string} password */
const toldOnce = (password) => `  ${password}\n\nIt is not shown again.`;

/** Only after the database was opened: that reads `.env`. */
const passwordsAreOff = () => process.env.PASSWORD_SIGN_IN === '0';

/** @param {Database} database @param {Input} input */
async function create(database, input) {
  const { createAtConsole } = await import('#lib/users/create-at-console.ts');
  const result = await createAtConsole(database, input);
  if (result.ok && passwordsAreOff()) {
    return `${result.email} may sign in now, at your OpenID provider, where this has to be their address: passwords are off (PASSWORD_SIGN_IN=0). Should they be on again, theirs is:\n\n${toldOnce(result.password)}`;
  }
  if (result.ok) {
    return `${result.email} may sign in now, with this password:\n\n${toldOnce(result.password)} Hand it over by a safe way.`;
  }
  if (result.reason === 'malformed_email')
    throw new CliError(`"${input.email}" is no email address: check how it is written.`);
  if (result.reason === 'malformed_name')
    throw new CliError(
      'This name is not taken, and nothing was changed: use letters, digits, punctuation and spaces, at most 100 characters.',
    );
  throw new CliError(
    `Somebody has the email address ${input.email} already, and nothing was changed. A new password for them: npm run admin -- reset-password ${input.email}`,
  );
}

/** @param {Database} database @param {Input} input */
async function resetPassword(database, input) {
  const { resetPasswordAtConsole } = await import('#lib/users/reset-password-at-console.ts');
  const result = await resetPasswordAtConsole(database, input);
  if (!result.ok)
    throw new CliError(
      `Nobody has the email address ${input.email}, and nothing was changed. Who there is: npm run admin -- list`,
    );
  const lines = [`${result.email} has a new password, and is signed out everywhere:`, ''];
  lines.push(`${toldOnce(result.password)} Hand it over by a safe way.`);
  if (result.secondFactor === 'removed')
    lines.push('Their second factor is removed: let them set up a new one under “Your account”.');
  if (result.secondFactor === 'kept')
    lines.push(
      'They still need their second factor. If it is lost, do this again with --remove-second-factor.',
    );
  if (result.singleSignOn === 'forgotten')
    lines.push(
      `Their account at the OpenID provider is forgotten: the next one there that has the address ${result.email} is theirs.`,
    );
  if (result.singleSignOn === 'kept')
    lines.push(
      'An account at an OpenID provider, perhaps of earlier settings, is still linked. If it was made anew there, do this again with --forget-single-sign-on.',
    );
  if (input.forgetSingleSignOn && result.singleSignOn === 'none')
    lines.push('No account at an OpenID provider was linked with them, so there was none to forget.');
  if (passwordsAreOff())
    lines.push(
      'Passwords are off, though (PASSWORD_SIGN_IN=0): they sign in at your OpenID provider. Where nobody can, start once with PASSWORD_SIGN_IN=1.',
    );
  if (!result.active)
    lines.push('They are not active, though, and cannot sign in until somebody changes that.');
  return lines.join('\n');
}

/** @param {Database} database */
async function list(database) {
  const { listAtConsole } = await import('#lib/users/list-at-console.ts');
  return usersInWords(await listAtConsole(database));
}

/** @type {Record<string, Command>} */
const COMMANDS = {
  list: { options: [], takesEmail: false, run: list },
  create: { options: ['name', 'role'], takesEmail: true, run: create },
  'reset-password': {
    options: ['remove-second-factor', 'forget-single-sign-on'],
    takesEmail: true,
    run: resetPassword,
  },
};

/** @param {string[]} args @param {Command} command @returns {Input} */
function readInput(args, { options, takesEmail }) {
  const taken = Object.fromEntries(Object.entries(OPTIONS).filter(([name]) => options.includes(name)));
  const { values, positionals } = parseArgs({ args, options: taken, allowPositionals: true });
  const [email = ''] = positionals;
  if (positionals.length !== Number(takesEmail))
    throw new Error(takesEmail ? 'Say one email address.' : 'This takes no email address.');
  const { name, role = 'administrator' } = values;
  const known = ROLES[String(role)];
  if (!known) throw new Error(`"${role}" is no role: say administrator or viewer.`);
  return {
    email,
    name: name === undefined ? undefined : String(name),
    role: known,
    removeSecondFactor: values['remove-second-factor'] === true,
    forgetSingleSignOn: values['forget-single-sign-on'] === true,
  };
}

/** @param {string[]} args @returns {{ command: Command, input: Input }} */
function readArguments([name = '', ...rest]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new CliError(`"${name}" is no command.\n\n${USAGE}`);
  try {
    return { command, input: readInput(rest, command) };
  } catch (cause) {
    throw new CliError(`${/** @type {Error} */ (cause).message}\n\n${USAGE}`, { cause });
  }
}

/** @param {string[]} args */
async function act(args) {
  if (args.length === 0 || args.includes('--help') || args[0] === 'help') return USAGE;
  const { command, input } = readArguments(args);
  const opened = await openDatabase();
  const { connectDatabase } = await import('#db/client.ts');
  const { database, close } = connectDatabase(opened.url);
  try {
    return await command.run(database, input);
  } finally {
    await close();
    await opened.close();
  }
}

/**
 * Lists, adds and lets in again who may sign in, and ends this process: with 0 where it is done, else with 1.
 * @param {string[]} args of the command line
 */
export async function manageUsers(args) {
  process.chdir(path.dirname(import.meta.dirname));
  // A database that was started for this ends with the process (`postgres.ts`).
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(name, () => process.exit(1));
  try {
    console.log(await act(args));
    process.exit(0);
  } catch (error) {
    const { name, message, cause } = /** @type {Error} */ (error);
    const reason = name === 'DrizzleQueryError' && cause instanceof Error ? cause.message : message;
    console.error(error instanceof CliError ? message : `This could not be done: ${reason}`);
    process.exit(1);
  }
}
