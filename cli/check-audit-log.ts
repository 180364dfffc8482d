import { type AuditLogVerification, verifyAuditLog } from '#lib/audit/verify.ts';
import type { Checkpoint } from '#lib/audit/verify-ends.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabase } from './command.ts';

const USAGE = `npm run audit:verify -- [--noted <position>:<digest>:<time>]…

Checks every entry of the audit log against the chain of digests. --noted: a place that an earlier run printed; its
time may be left out.`;

const CHECKPOINT = /^(\d{1,15}):([0-9a-f]{64})(?::(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z))?$/i;

function parseCheckpoint(text: string): Checkpoint {
  const [, position, digest, at = null] = CHECKPOINT.exec(text) ?? [];
  if (position === undefined || digest === undefined || (at !== null && Number.isNaN(Date.parse(at))))
    throw new CliError(`"${text}" is no position and digest, nor these and a time.\n\n${USAGE}`);
  return { position: Number(position), digest: digest.toLowerCase(), at };
}

const formatEntries = (count: number) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'entry' : 'entries'}`;

const formatNotCompared = ({ position, at }: Checkpoint) =>
  at
    ? `Not compared: the noted place ${position} of ${at}, which is old enough for the retention to have thrown it away.`
    : `Not compared: the noted place ${position}, from before the entries that are left. Without its time, nobody can tell whether the retention threw it away.`;

/** Returns 2 if no checkpoint could be compared, or if an old one has no time to check against the retention. */
function exitCodeFor({ violation, tooOld }: AuditLogVerification, checkpoints: Checkpoint[]): number {
  if (violation) return 1;
  const noneCompared = checkpoints.length > 0 && tooOld.length === checkpoints.length;
  return noneCompared || tooOld.some(({ at }) => !at) ? 2 : 0;
}

function formatResult(
  { checked, unchained, pruned, last, tooOld, violation }: AuditLogVerification,
  checkpoints: Checkpoint[],
): string {
  const lines = violation
    ? [
        `WRONG at position ${violation.position}: ${violation.message}`,
        `Right before that: ${formatEntries(checked)}.`,
      ]
    : [`Right: ${formatEntries(checked)} of the audit log, each as it was written, none missing.`];
  if (pruned > 0) lines.push(`Before these, the retention has thrown away the entries up to ${pruned}.`);
  if (unchained > 0)
    lines.push(
      `Not checked: ${formatEntries(unchained)} from before there was a chain. Nothing vouches for them.`,
    );
  lines.push(...tooOld.map(formatNotCompared));
  if (violation) return lines.join('\n');
  if (checkpoints.length > tooOld.length) lines.push('It goes on from what was noted.');
  else if (checkpoints.length > 0)
    lines.push('Nothing that was noted could be compared: give a younger note.');
  const checkpoint = [last.position, last.digest, last.at].filter(Boolean).join(':');
  lines.push('', 'Keep this where nobody who has the database can write, and give it to the next check:');
  return [...lines, `  npm run audit:verify -- --noted ${checkpoint}`].join('\n');
}

/** Verifies the audit log. Exit codes: 0 if it is intact, 1 after a violation, 2 if it could not be verified. */
export const checkAuditLog: Command = {
  run: async (args) => {
    const { values } = parseCommandLine(
      { args, options: { noted: { type: 'string', multiple: true } } },
      USAGE,
    );
    const checkpoints = ((values.noted ?? []) as string[]).map(parseCheckpoint);
    const verified = await withDatabase((database) => verifyAuditLog(database, checkpoints));
    return { output: formatResult(verified, checkpoints), exitCode: exitCodeFor(verified, checkpoints) };
  },
  failureCode: 2,
  failurePrefix: 'The audit log could not be checked:',
};
