import { setTimeout as delay } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/**
 * Locks a file. When this process ends, the operating system releases the lock, even after a crash.
 * Uses SQLite's lock, since Node.js has no file locks.
 * @param file created if missing; its folder must exist
 * @returns the function that releases the lock; undefined if the file is already locked, also by this process
 */
export async function tryLock(file: string): Promise<(() => void) | undefined> {
  // Imported here, because most programs that import this file lock nothing.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    database.exec('begin exclusive');
    return () => database.close();
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** Waits for the lock, however long that takes, and runs `work` under it. */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const release = await tryLock(file);
    if (release) return work().finally(release);
    await delay(200);
  }
}
