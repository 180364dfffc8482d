import type { Command } from 'commander';
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
    .description('Write all audit events to standard output as JSON Lines: one event a line, newest first.')
    .option('--json', 'accepted for consistency: the output is always JSON')
    .addHelpText(
      'after',
      `
On a terminal, the number of events is shown while they are read.

Examples:
  stagedoor audit export > audit.jsonl
  stagedoor audit export | jq -c 'select(.action == "api_key.reset")'`,
    )
    .action(async () => {
      const client = await connect(context);
      let count = 0;
      const report = (end: string) => {
        if (terminal.isInteractive) terminal.writeError(`\r${count.toLocaleString('en-GB')} events${end}`);
      };
      for await (const event of client.auditEvents.list({ limit: PAGE_SIZE })) {
        await terminal.writeOutput(`${JSON.stringify(event)}\n`);
        count += 1;
        if (count % REPORT_EVERY === 0) report('');
      }
      report('\n');
    });
}
