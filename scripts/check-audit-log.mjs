import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from './open-database.mjs';
import { CliError } from './terminal.ts';

/** @typedef {import('#lib/audit/verify.ts').Verified} Verified */
/** @typedef {import('#lib/audit/judge-ends.ts').NotedPlace} NotedPlace */

const USAGE = `npm run audit:verify -- [--noted <position>:<digest>:<time>]…

Checks every entry of the audit log against the chain of digests. --noted: a place that an earlier run printed; its
time may be left out.`;

const NOTED = /^(\d{1,15}):([0-9a-f]{64})(?::(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z))?$/i;

/** @param {string} text @returns {NotedPlace} */
function readNoted(text) {
  const [, position, digest, at = null] = NOTED.exec(text) ?? [];
  if (position === undefined || digest === undefined || (at !== null && Number.isNaN(Date.parse(at))))
    throw new CliError(`"${text}" is no position and digest, nor these and a time.\n\n${USAGE}`);
  return { position: Number(position), digest: digest.toLowerCase(), at };
}

/** @param {string[]} args @returns {NotedPlace[]} */
function readArguments(args) {
  try {
    const { values } = parseArgs({ args, options: { noted: { type: 'string', multiple: true } } });
    return (values.noted ?? []).map(readNoted);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${/** @type {Error} */ (cause).message}\n\n${USAGE}`, { cause });
  }
}

/** @param {number} count */
const entries = (count) => `${count.toLocaleString('en-GB')} ${count === 1 ? 'entry' : 'entries'}`;

/** @param {NotedPlace} noted */
const notCompared = ({ position, at }) =>
  at
    ? `Not compared: the noted place ${position} of ${at}, which is old enough for the retention to have thrown it away.`
    : `Not compared: the noted place ${position}, from before the entries that are left. Without its time, nobody can tell whether the retention threw it away.`;

/**
 * With 2 where a note does not tell whether the retention took it, or none is left to compare.
 * @param {Verified} verified @param {NotedPlace[]} noted
 */
function exitCode({ wrong, tooOld }, noted) {
  if (wrong) return 1;
  const nothingCompared = noted.length > 0 && tooOld.length === noted.length;
  return nothingCompared || tooOld.some(({ at }) => !at) ? 2 : 0;
}

/**
 * What is told of a check.
 * @param {Verified} verified @param {NotedPlace[]} noted
 */
function inWords({ checked, unchained, pruned, last, tooOld, wrong }, noted) {
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

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function check(args) {
  const noted = readArguments(args);
  const opened = await openDatabase();
  const { connectDatabase } = await import('#db/client.ts');
  const { verifyAuditLog } = await import('#lib/audit/verify.ts');
  const { database, close } = connectDatabase(opened.url);
  try {
    const verified = await verifyAuditLog(database, noted);
    console.log(inWords(verified, noted));
    return exitCode(verified, noted);
  } finally {
    await close();
    await opened.close();
  }
}

/**
 * Checks the audit log and ends this process: with 0 where all is right, 1 where something is wrong, 2 where it could
 * not be checked.
 * @param {string[]} args of the command line
 */
export async function checkAuditLog(args) {
  process.chdir(path.dirname(import.meta.dirname));
  // A database that was started for this ends with the process (`postgres.ts`).
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(name, () => process.exit(2));
  const code = await check(args).catch((error) => {
    const reason =
      error.cause instanceof Error && error.name === 'DrizzleQueryError'
        ? error.cause.message
        : error.message;
    console.error(
      error instanceof CliError ? error.message : `The audit log could not be checked: ${reason}`,
    );
    return 2;
  });
  process.exit(code);
}
