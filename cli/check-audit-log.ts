import { type AuditLogVerification, verifyAuditLog } from '#lib/audit/verify.ts';
import type { Checkpoint } from '#lib/audit/verify-ends.ts';
import { cleanAscii } from '#lib/platform/user-input/characters.ts';
import { CliError } from '../scripts/terminal.ts';
import { type Command, parseCommandLine, withDatabase } from './command.ts';

const USAGE = `npm run audit:verify -- [--checkpoint <position>:<digest>:<time>]…

Checks every entry of the audit log against the chain of digests.

--checkpoint  a checkpoint that an earlier run printed, to compare the log with; the time is optional`;

const CHECKPOINT = /^(\d{1,15}):([0-9a-f]{64})(?::(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z))?$/i;

function parseCheckpoint(text: string): Checkpoint {
  const [, position, digest, at = null] = CHECKPOINT.exec(cleanAscii(text)) ?? [];
  if (position === undefined || digest === undefined || (at !== null && Number.isNaN(Date.parse(at))))
    throw new CliError(
      `"${text}" isn't a checkpoint: <position>:<digest> or <position>:<digest>:<time>.\n\n${USAGE}`,
    );
  return { position: Number(position), digest: digest.toLowerCase(), at };
}

const formatEntries = (count: number) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'entry' : 'entries'}`;

const formatNotCompared = ({ position, at }: Checkpoint) =>
  at
    ? `Not compared: checkpoint ${position} of ${at}. Its entry is old enough to have been deleted by the retention period.`
    : `Not compared: checkpoint ${position}. Its entry has been deleted, and without a time we can't check whether the retention period had ended.`;

/**
 * Returns 1 after a violation; 2 if checkpoints were given and none could be compared, or if the entry of one without a
 * time was deleted; otherwise 0.
 */
function getExitCode(
  { violation, checkpointsBeforeStart }: AuditLogVerification,
  checkpoints: Checkpoint[],
): number {
  if (violation) return 1;
  const isNoneCompared = checkpoints.length > 0 && checkpointsBeforeStart.length === checkpoints.length;
  return isNoneCompared || checkpointsBeforeStart.some(({ at }) => !at) ? 2 : 0;
}

function formatResult(
  { checked, unchained, pruned, erased, last, checkpointsBeforeStart, violation }: AuditLogVerification,
  checkpoints: Checkpoint[],
): string {
  const lines = violation
    ? [
        `FAILED at entry ${violation.position}: ${violation.message}`,
        `Verified before that: ${formatEntries(checked)}.`,
      ]
    : [`Verified: ${formatEntries(checked)}, none changed and none missing.`];
  if (pruned > 0) lines.push(`Entries up to ${pruned} were deleted earlier by the retention period.`);
  if (erased > 0)
    lines.push(`The contact details of ${formatEntries(erased)} were erased when an account was deleted.`);
  if (unchained > 0)
    lines.push(
      `Not checked: ${formatEntries(unchained)} from before the chain began. These can't be verified.`,
    );
  lines.push(...checkpointsBeforeStart.map(formatNotCompared));
  if (violation) return lines.join('\n');
  if (checkpoints.length > checkpointsBeforeStart.length) lines.push('The log matches the checkpoint.');
  else if (checkpoints.length > 0) lines.push('No checkpoint could be compared. Use a more recent one.');
  const checkpoint = [last.position, last.digest, ...(last.at ? [last.at] : [])].join(':');
  lines.push('', "Save this somewhere that the database's users can't change, and run it next time:");
  return [...lines, `  npm run audit:verify -- --checkpoint ${checkpoint}`].join('\n');
}

/** Verifies the audit log. Exit codes: 0 if it is intact, 1 after a violation, 2 if a check was not possible. */
export const checkAuditLog: Command = {
  run: async (args) => {
    const { values } = parseCommandLine(
      { args, options: { checkpoint: { type: 'string', multiple: true } } },
      USAGE,
    );
    const checkpoints = ((values.checkpoint ?? []) as string[]).map(parseCheckpoint);
    const verified = await withDatabase((database) => verifyAuditLog(database, checkpoints));
    return { output: formatResult(verified, checkpoints), exitCode: getExitCode(verified, checkpoints) };
  },
  failureCode: 2,
  failurePrefix: "The audit log couldn't be checked:",
};
