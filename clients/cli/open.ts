import type { Command } from 'commander';
import { type Context, connect } from './context.ts';
import { readUrl } from './credentials.ts';
import { findAccount } from './find-account.ts';

const ACCOUNTS_PAGE = '/settings/users/api-accounts';

/** Adds `open`. */
export function addOpen(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('open')
    .description('Open Stagedoor in the browser: the list of API accounts, or one account.')
    .argument('[account]', 'its username or id')
    .option('--print', 'only print the address')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', `\nExamples:\n  stagedoor open\n  stagedoor open 'Northern Lights'`)
    .action(async (typed: string | undefined, options: { print?: boolean; json?: boolean }) => {
      const origin = await readUrl(terminal.env);
      const account = typed === undefined ? undefined : await findAccount(await connect(context), typed);
      const url = `${origin}${ACCOUNTS_PAGE}${account ? `/${account.id}` : ''}`;
      await terminal.writeOutput(options.json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
      if (terminal.isInteractive && !options.print && !options.json) terminal.openBrowser(url);
    });
}
