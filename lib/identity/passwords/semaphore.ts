/** So many are waiting already that another would wait for too long. */
export class BusyError extends Error {
  override name = 'BusyError';
}

/**
 * Lets at most `atOnce` pieces of work run at once; up to `waiting` more wait for their turn, in order.
 * @returns runs a piece of work when its turn comes; rejects with a BusyError at once where too many wait
 */
export function createSemaphore(atOnce: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running < atOnce) {
      running += 1;
    } else {
      if (queue.length >= waiting) throw new BusyError(`more than ${waiting} are waiting`);
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      // A place is handed on, not given up and taken again: nobody can slip in between.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
