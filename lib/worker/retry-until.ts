import { setTimeout as delay } from 'node:timers/promises';

const FOR_MS = 30_000;
const EVERY_MS = 250;

/**
 * Writes down what became of a message, however often it takes. A database that restarts just then costs a text that
 * the provider has accepted no second sending: it is back before the queue gives the job to anybody else.
 * @param forMs how long it is tried, in milliseconds; a statement that hangs then may take some seconds longer
 * @throws the last failure
 */
export async function retryUntil(write: () => Promise<void>, forMs = FOR_MS): Promise<void> {
  const begun = performance.now();
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() - begun > forMs) throw error;
    }
    await delay(EVERY_MS);
  }
}
