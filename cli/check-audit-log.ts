import { type Verified, verifyAuditLog } from '#lib/audit/verify.ts';
import type { Checkpoint } from '#lib/audit/verify-ends.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabase } from './command.ts';

const USAGE = `npm run audit:verify -- [--noted <position>:<digest>:<time>]…

Checks every entry of the audit log against the chain of digests. --noted: a place that an earlier run printed; its
time may be left out.`;

const NOTED = /^(\d{1,15}):([0-9a-f]{64})(?::(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z))?$/i;

function parseNoted(text: string): Checkpoint {
  const [, position, digest, at = null] = NOTED.exec(text) ?? [];
  if (position === undefined || digest === undefined || (at !== null && Number.isNaN(Date.parse(at))))
    throw new CliError(`"${text}" is no position and digest, nor these and a time.\n\n${USAGE}`);
  return { position: Number(position), digest: digest.toLowerCase(), at };
}

const entries = (count: number) => `${count.toLocaleString('en-GB')} ${count === 1 ? 'entry' : 'entries'}`;

const notCompared = ({ position, at }: Checkpoint) =>
  at
    ? `Not compared: the noted place ${position} of ${at}, which is old enough for the retention to have thrown it away.`
    : `Not compared: the noted place ${position}, from before the entries that are left. Without its time, nobody can tell whether the retention threw it away.`;

/** Returns 2 if a note does not tell whether the retention removed its entry, or none is left to compare. */
function exitCode({ wrong, tooOld }: Verified, noted: Checkpoint[]): number {
  if (wrong) return 1;
  const nothingCompared = noted.length > 0 && tooOld.length === noted.length;
  return nothingCompared || tooOld.some(({ at }) => !at) ? 2 : 0;
}

function formatResult(
  { checked, unchained, pruned, last, tooOld, wrong }: Verified,
  noted: Checkpoint[],
): string {
  const lines = wrong
    ? [`WRONG at position ${wrong.position}: ${wrong.words}`, `Right before that: ${entries(checked)}.`]
    : [`Right: ${entries(checked)} of the audit log, each as it was written, none missing.`];
  if (pruned > 0) lines.push(`Before these, the retention has thrown away the entries up to ${pruned}.`);
  if (unchained > 0)
    lines.push(`Not checked: ${entries(unchained)} from before there was a chain. Nothing vouches for them.`);
  lines.push(...tooOld.map(notCompared));
  if (wrong) return lines.join('\n');
  if (noted.length > tooOld.length) lines.push('It goes on from what was noted.');
  else if (noted.length > 0) lines.push('Nothing that was noted could be compared: give a younger note.');
  const place = [last.position, last.digest, last.at].filter(Boolean).join(':');
  lines.push('', 'Keep this where nobody who has the database can write, and give it to the next check:');
  return [...lines, `  npm run audit:verify -- --noted ${place}`].join('\n');
}

/** Checks the audit log. Exit codes: 0 if all is right, 1 if something is wrong, 2 if it could not be checked. */
export const checkAuditLog: Command = {
  run: async (args) => {
    const { values } = parseCommandLine(
      { args, options: { noted: { type: 'string', multiple: true } } },
      USAGE,
    );
    const noted = ((values.noted ?? []) as string[]).map(parseNoted);
    const verified = await withDatabase((database) => verifyAuditLog(database, noted));
    return { output: formatResult(verified, noted), exitCode: exitCode(verified, noted) };
  },
  failureCode: 2,
  failurePrefix: 'The audit log could not be checked:',
};
