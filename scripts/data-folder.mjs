import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from './file-lock.mjs';
import { commandLine, endProcess } from './processes.mjs';
import { Trouble } from './trouble.mjs';

/**
 * @typedef {{
 *   folder: string,
 *   authSecret(): Promise<string>,
 *   recordParts(pids: number[]): Promise<void>,
 *   release(): void,
 * }} DataFolder
 */

/** @param {string} file @param {string} text */
async function writeWhole(file, text) {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @param {string} folder */
async function makeFolder(folder) {
  // Under root, PostgreSQL runs as another user, who has to pass through; each thing inside is closed by itself.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    await mkdir(folder, { recursive: true, mode });
    if (process.getuid?.() === 0) await chmod(folder, mode);
    await mkdir(path.join(folder, 'outbox'), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (cause);
    throw new Trouble(
      `The data folder ${folder} cannot be made or written (${code}): choose another with STAGEDOOR_DATA.`,
      { cause },
    );
  }
}

/** @param {string} file @returns {Promise<{ starter?: number, parts?: number[] }>} */
const readProcesses = async (file) => JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) ?? {};

/** @param {string} file */
async function endLeftovers(file) {
  const { parts = [] } = await readProcesses(file);
  const left = parts.filter((pid) => /\/scripts\/(web|verifier|worker)\.ts/.test(commandLine(pid)));
  // They noticed that their starter is gone, and are ending by themselves; this makes sure, and waits.
  await Promise.all(left.map((pid) => endProcess(pid, ['SIGTERM', 'SIGKILL'])));
}

/** @param {string} file */
async function readOrMakeSecret(file) {
  const present = await readFile(file, 'utf8').catch(() => '');
  if (present) return present.trim();
  const secret = randomBytes(32).toString('base64url');
  await writeWhole(file, secret);
  return secret;
}

/**
 * Takes the data folder for this Stagedoor alone, until `release` or the end of this process; ends what a
 * killed one has left.
 * @param {string} folder absolute; made if missing
 * @returns {Promise<DataFolder>}
 * @throws a Trouble where another Stagedoor has it
 */
export async function openDataFolder(folder) {
  await makeFolder(folder);
  const processes = path.join(folder, 'processes.json');
  const release = await tryLock(path.join(folder, 'lock'));
  if (!release) {
    const { starter } = await readProcesses(processes);
    throw new Trouble(
      `The data folder ${folder} is in use by another Stagedoor (process ${starter ?? 'unknown'}): stop that one, or choose another folder with STAGEDOOR_DATA.`,
    );
  }
  await endLeftovers(processes);
  let written = Promise.resolve();
  const recordParts = (/** @type {number[]} */ parts) => {
    written = written.then(() => writeWhole(processes, JSON.stringify({ starter: process.pid, parts })));
    return written;
  };
  await recordParts([]);
  return {
    folder,
    authSecret: () => readOrMakeSecret(path.join(folder, 'auth-secret')),
    recordParts,
    release,
  };
}
