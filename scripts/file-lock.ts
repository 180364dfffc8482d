import { setTimeout as delay } from 'node:timers/promises';

const SQLITE_BUSY = 5;

/**
 * Takes a lock that the operating system releases when this process ends, however it ends: SQLite's lock on a file
 * (Node.js has no other way to lock a file).
 * @param file made if missing; its folder exists
 * @returns the function that releases it; undefined if another process has it
 */
export async function tryLock(file: string): Promise<(() => void) | undefined> {
  // Imported here because the Node.js that only looks for a newer one may not have it.
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

/** Does something while no other process does: waits for the lock as long as it takes. */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const release = await tryLock(file);
    if (release) return work().finally(release);
    await delay(200);
  }
}
