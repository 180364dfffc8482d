import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endProcess, readCommandLine } from '#db/processes.ts';
import { tryLock } from './file-lock.ts';
import { CliError } from './terminal.ts';

/** The data folder of embedded mode, locked by this process. */
export type DataFolder = {
  /** Returns the folder's AUTH_SECRET; generates it the first time. */
  getAuthSecret(): Promise<string>;
  /** Records the running services, so that the next start can end them if this process is killed. */
  recordServices(pids: number[]): Promise<void>;
  release(): void;
};

/** Replaces a file's content. Readers see the old or the new content, never a part of it. */
async function writeAtomically(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function createFolder(folder: string): Promise<void> {
  // If this process is root, PostgreSQL runs as another user, which needs access. The contents are private.
  const isRoot = process.getuid?.() === 0;
  try {
    await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    if (isRoot) await chmod(folder, 0o711);
    await mkdir(path.join(folder, 'outbox'), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(
      `The data folder ${folder} can't be created or written to (${code}). Set STAGEDOOR_DATA to another folder.`,
      { cause },
    );
  }
}

/** Reads the process ids of the supervisor (`starter`) and of its services. */
async function readProcesses(file: string): Promise<{ starter?: number; services?: number[] }> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) ?? {};
}

/** Ends the services of a Stagedoor that was killed. */
async function endLeftoverServices(file: string): Promise<void> {
  const { services = [] } = await readProcesses(file);
  // The process id of a service that has ended may now belong to another program.
  const leftovers = services.filter((pid) =>
    /\/programs\/(web|verifier|worker)\.mjs/.test(readCommandLine(pid)),
  );
  await Promise.all(leftovers.map((pid) => endProcess(pid, ['SIGTERM', 'SIGKILL'])));
}

/**
 * Locks the data folder until `release` or the end of this process. Ends the services that a killed Stagedoor left.
 * @param folder absolute; created if missing
 * @throws a CliError if another Stagedoor uses the folder, or if it cannot be created
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  await createFolder(folder);
  const processes = path.join(folder, 'processes.json');
  const release = await tryLock(path.join(folder, 'lock'));
  if (!release) {
    const { starter } = await readProcesses(processes);
    throw new CliError(
      `The data folder ${folder} is in use by another Stagedoor (process ${starter ?? 'unknown'}). Stop it, or set STAGEDOOR_DATA to another folder.`,
    );
  }
  await endLeftoverServices(processes);
  let lastWrite = Promise.resolve();
  const recordServices = (services: number[]) => {
    lastWrite = lastWrite.then(() =>
      writeAtomically(processes, JSON.stringify({ starter: process.pid, services })),
    );
    return lastWrite;
  };
  await recordServices([]);
  const getAuthSecret = async () => {
    const file = path.join(folder, 'auth-secret');
    const existing = await readFile(file, 'utf8').catch(() => '');
    if (existing) return existing.trim();
    const secret = randomBytes(32).toString('base64url');
    await writeAtomically(file, secret);
    return secret;
  };
  return { getAuthSecret, recordServices, release };
}
