import { type Command, Option } from 'commander';
import type { AuditEventFilter } from '../typescript/client.ts';
import { type Context, connect } from './context.ts';

const PAGE_SIZE = 200;
const REPORT_EVERY = 1_000;

/** Adds `audit export`. */
export function addAudit(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('audit')
    .description('Export the audit log.')
    .command('export')
    .description('Write audit events to standard output as JSON Lines: one event a line, newest first.')
    .option('--action <action>', 'only events with this action, such as api_key.reset')
    .option('--account <account>', 'only about accounts with this text in the username, or with this id')
    .option(
      '--by <id>',
      'only by the user or access token with this id, or "none": without a user or a token',
    )
    .option('--user <id>', 'only about the user with this id')
    .option(
      '--search <text>',
      'only with this text in a name or email address, or this beginning of an IP address',
    )
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices(['done', 'refused']))
    .option('--from <day>', 'only from this day (UTC) on, such as 2027-01-31')
    .option('--to <day>', 'only until the end of this day (UTC)')
    .option('--json', 'accepted for consistency: the output is always JSON')
    .addHelpText(
      'after',
      `
On a terminal, the number of events is shown while they are read.

Examples:
  stagedoor audit export > audit.jsonl
  stagedoor audit export --from 2027-01-01 --to 2027-01-31 --action api_key.reset
  stagedoor audit export --account 'Northern Lights' | jq -r '[.at, .action] | @tsv'`,
    )
    .action(async ({ json: _, ...filter }: AuditEventFilter & { json?: true }) => {
      const client = await connect(context);
      let count = 0;
      const report = (end: string) => {
        if (terminal.isInteractive) terminal.writeError(`\r${count.toLocaleString('en-GB')} events${end}`);
      };
      for await (const event of client.auditEvents.list({ ...filter, limit: PAGE_SIZE })) {
        await terminal.writeOutput(`${JSON.stringify(event)}\n`);
        count += 1;
        if (count % REPORT_EVERY === 0) report('');
      }
      report('\n');
    });
}
