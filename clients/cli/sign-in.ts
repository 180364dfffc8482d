import type { Command } from 'commander';
import { ApiError, StagedoorClient } from '../typescript/client.ts';
import type { Context } from './context.ts';
import { deleteCredentials, parseUrl, storeCredentials } from './credentials.ts';
import { UsageError } from './exit-codes.ts';

const ACCESS_TOKEN = /^stagetok[0-9A-Za-z]{56}$/;

async function readToken({ terminal }: Context, url: string): Promise<string> {
  if (!terminal.isInteractive) return (await terminal.readInput()).trim();
  terminal.writeError(`Create an access token at ${url}/settings/access-tokens, and paste it here.\n`);
  return (await terminal.askSecret('Access token (not shown): ')).trim();
}

/** Checks that Stagedoor accepts a token, whatever its scopes are. */
async function checkToken(url: string, token: string): Promise<void> {
  const client = new StagedoorClient({ url, token, userAgent: 'stagedoor-cli' });
  await client.apiAccounts.readPage({ limit: 1 }).catch((error) => {
    if (!(error instanceof ApiError && error.status === 403)) throw error;
  });
}

/** Adds `login` and `logout`. */
export function addSignIn(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('login')
    .description('Store the address of Stagedoor and an access token, in a file that only you can read.')
    .argument('[url]', 'the address of Stagedoor, such as https://keys.example.com')
    .addHelpText(
      'after',
      `
The access token is asked for, or read from standard input. It is never an argument, which other users of the
machine could see. In scripts, set STAGEDOOR_URL and STAGEDOOR_TOKEN instead of using login.

Examples:
  stagedoor login https://keys.example.com
  stagedoor login https://keys.example.com < token.txt`,
    )
    .action(async (typed: string | undefined) => {
      const address = typed ?? terminal.env.STAGEDOOR_URL;
      if (!address && !terminal.isInteractive)
        throw new UsageError('Add the address: stagedoor login https://keys.example.com');
      const url = parseUrl((address || (await terminal.ask('Address of Stagedoor: '))).trim());
      const token = await readToken(context, url);
      if (!ACCESS_TOKEN.test(token))
        throw new UsageError(
          'This isn’t an access token. It has 64 letters and digits, and begins with stagetok.',
        );
      await checkToken(url, token);
      const file = await storeCredentials(terminal.env, { url, token });
      await terminal.writeOutput(`Signed in to ${url}. The access token is in ${file}.\n`);
    });
  program
    .command('logout')
    .description('Delete the stored access token. It stays valid until it is revoked in Stagedoor.')
    .action(async () => {
      await deleteCredentials(terminal.env);
      await terminal.writeOutput('Signed out.\n');
    });
}
