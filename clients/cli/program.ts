import addCompletion from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { addAccounts } from './accounts.ts';
import { addAudit } from './audit.ts';
import { describeError, describeErrorAsJson, getExitCode } from './exit-codes.ts';
import { completeFile } from './import.ts';
import { addOpen } from './open.ts';
import { addSignIn } from './sign-in.ts';
import type { Terminal } from './terminal.ts';
import { addWebhooks } from './webhooks.ts';

/** The same as in package.json, which is in another place once the package is built. */
export const VERSION = '0.1.0';

const HELP = `
Start with:
  stagedoor login https://keys.example.com
  stagedoor accounts list

Environment:
  STAGEDOOR_URL    the address of Stagedoor, instead of that of login
  STAGEDOOR_TOKEN  an access token, instead of that of login

Exit codes:
  0    done
  1    an unexpected error
  2    wrong arguments, or not signed in
  3    the access token is invalid, or does not have the scope
  4    there is no such account or webhook endpoint
  5    it was changed at the same time, or is not in a state for this
  6    Stagedoor refused a value, or a file has errors
  7    Stagedoor cannot be reached, or has too many requests: try again later
  8    a key delivery failed or ended without a key, or a webhook event did not arrive
  9    some rows of a file were not imported
  130  cancelled

With --json, errors are JSON, too: {"error":{"code":…,"title":…,"exitCode":…}}

Completion of commands and options, for example for bash (also zsh and fish):
  source <(stagedoor completion bash)`;

/** Creates the command line. It writes to the terminal, and throws instead of ending the process. */
function createProgram(terminal: Terminal): Command {
  const program = new Command('stagedoor')
    .description('Manage the API accounts and webhooks of Stagedoor from a terminal or a script.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.writeOutput(text),
      writeErr: (text) => terminal.writeError(text),
    })
    .showHelpAfterError('Add --help to see how this command is used.')
    .addHelpText('after', HELP);
  const context = { terminal };
  addSignIn(program, context);
  addAccounts(program, context);
  addAudit(program, context);
  addWebhooks(program, context);
  addOpen(program, context);
  const completion = addCompletion(program, { completionCommandName: 'completion' });
  completion.commands.get('accounts import')?.argument('file', completeFile);
  return program;
}

/** Runs the command line, and returns its exit code. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const isDescribed = error instanceof CommanderError;
    if (args.includes('--json') && getExitCode(error) !== 0)
      terminal.writeError(`${describeErrorAsJson(error)}\n`);
    else if (!isDescribed) terminal.writeError(`${describeError(error)}\n`);
    return getExitCode(error);
  }
}
