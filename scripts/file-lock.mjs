import { setTimeout as delay } from 'node:timers/promises';

/**
 * Takes a lock that the operating system itself releases when this process ends, however it ends: SQLite's on
 * a file of its own (Node has no other way to lock a file).
 * @param {string} file made if missing; its folder exists
 * @returns {Promise<(() => void) | undefined>} what releases it; undefined where another process has it
 */
export async function tryLock(file) {
  // Here rather than at the top: older Nodes, which only look for a newer one, do not have it.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    database.exec('begin exclusive');
    return () => database.close();
  } catch (error) {
    database.close();
    const SQLITE_BUSY = 5;
    if (/** @type {{ errcode?: number }} */ (error).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/**
 * Does something while no other process does: waits for the lock as long as it takes.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  for (;;) {
    const release = await tryLock(file);
    if (release) return work().finally(release);
    await delay(200);
  }
}
