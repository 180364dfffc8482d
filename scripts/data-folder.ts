import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, endProcess } from '#db/processes.ts';
import { tryLock } from './file-lock.ts';
import { CliError } from './terminal.ts';

/** The folder of the embedded mode, locked for this Stagedoor. */
export type DataFolder = {
  /** Returns the folder's secret, made at its first use. */
  authSecret(): Promise<string>;
  /** Writes down which processes run, for the next start to end if this process is killed. */
  recordServices(pids: number[]): Promise<void>;
  release(): void;
};

/** Readers see the old content or the new one, never a part. */
async function writeAtomically(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function makeFolder(folder: string): Promise<void> {
  // As root, PostgreSQL runs as another user, who has to pass through; the contents have their own permissions.
  const isRoot = process.getuid?.() === 0;
  try {
    await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    if (isRoot) await chmod(folder, 0o711);
    await mkdir(path.join(folder, 'outbox'), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(
      `The data folder ${folder} cannot be made or written (${code}): choose another with STAGEDOOR_DATA.`,
      { cause },
    );
  }
}

async function readProcesses(file: string): Promise<{ starter?: number; services?: number[] }> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) ?? {};
}

async function endLeftovers(file: string): Promise<void> {
  const { services = [] } = await readProcesses(file);
  const left = services.filter((pid) => /\/programs\/(web|verifier|worker)\.mjs/.test(commandLine(pid)));
  // They noticed that their starter is gone, and are ending by themselves; this makes sure, and waits.
  await Promise.all(left.map((pid) => endProcess(pid, ['SIGTERM', 'SIGKILL'])));
}

/**
 * Locks the data folder for this Stagedoor, until `release` or the end of this process; ends what a killed one left.
 * @param folder absolute; made if missing
 * @throws a CliError if another Stagedoor has it
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  await makeFolder(folder);
  const processes = path.join(folder, 'processes.json');
  const release = await tryLock(path.join(folder, 'lock'));
  if (!release) {
    const { starter } = await readProcesses(processes);
    throw new CliError(
      `The data folder ${folder} is in use by another Stagedoor (process ${starter ?? 'unknown'}): stop that one, or choose another folder with STAGEDOOR_DATA.`,
    );
  }
  await endLeftovers(processes);
  let written = Promise.resolve();
  const recordServices = (services: number[]) => {
    written = written.then(() =>
      writeAtomically(processes, JSON.stringify({ starter: process.pid, services })),
    );
    return written;
  };
  await recordServices([]);
  const authSecret = async () => {
    const file = path.join(folder, 'auth-secret');
    const present = await readFile(file, 'utf8').catch(() => '');
    if (present) return present.trim();
    const secret = randomBytes(32).toString('base64url');
    await writeAtomically(file, secret);
    return secret;
  };
  return { authSecret, recordServices, release };
}
