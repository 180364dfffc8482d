import { hash, parseOptions, verify } from '@node-rs/argon2';

/** Thrown if too many callers are already waiting. */
export class BusyError extends Error {
  override name = 'BusyError';
}

/**
 * Who asks for a hash. `trusted`: signed-in users, users at known IP addresses, and users who sent a correct password or a
 * valid email link. `untrusted`: everyone else, who may be attackers.
 */
export type HashLane = 'trusted' | 'untrusted';

/**
 * Creates a semaphore for at most `maxRunning` tasks at the same time. In each lane, up to `maxWaiting` more tasks wait in
 * order. The trusted lane goes first, so that attackers cannot delay trusted callers by more than a running task.
 * @returns a function that runs a task; it rejects immediately with a BusyError if too many are waiting in the lane
 */
export function createSemaphore(
  maxRunning: number,
  maxWaiting: number,
): <T>(task: () => Promise<T>, lane: HashLane) => Promise<T> {
  let running = 0;
  const queues: Record<HashLane, (() => void)[]> = { trusted: [], untrusted: [] };
  return async (task, lane) => {
    const queue = queues[lane];
    if (running < maxRunning) {
      running += 1;
    } else {
      if (queue.length >= maxWaiting) throw new BusyError(`more than ${maxWaiting} are waiting`);
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await task();
    } finally {
      // Gives the slot to the next waiting task instead of releasing it, so that no later caller can overtake.
      const next = queues.trusted.shift() ?? queues.untrusted.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/**
 * Argon2id with the minimum of OWASP's Password Storage Cheat Sheet: 19 MiB (in KiB here), two passes, one lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hash of 32 random bytes that were discarded, with the same parameters. Passwords are compared with it if the user is
 * unknown or has no password.
 */
export const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$m+3u/mTZnrkW5SuD5S7RdA$KZ/Vd0pF/jviTn77kWsWz5YnnAhFALgaD7U4CHpIQ1k';

/** Four concurrent hashes use 76 MiB, and all of libuv's four threads. */
const limitHashing = createSemaphore(4, 64);

/**
 * Hashes a password as argon2id in PHC string format. Uses the trusted lane: only callers who have authenticated may set a
 * password, or may have theirs rehashed.
 * @throws BusyError if too many callers are waiting
 */
export function hashPassword(password: string): Promise<string> {
  return limitHashing(() => hash(password, PARAMETERS), 'trusted');
}

/**
 * Compares a password with a stored hash. If there is none, takes as long and returns false.
 * @throws BusyError if too many callers are waiting
 */
export async function verifyPassword(
  stored: string | null,
  password: string,
  lane: HashLane,
): Promise<boolean> {
  const matches = await limitHashing(() => verify(stored ?? DUMMY_HASH, password), lane);
  return matches && stored !== null;
}

/** Returns whether a hash has weaker parameters than the current ones. */
export function needsRehash(stored: string): boolean {
  const parameters = parseOptions(stored);
  return (
    !stored.startsWith('$argon2id$v=19$') ||
    parameters.memoryCost < PARAMETERS.memoryCost ||
    parameters.timeCost < PARAMETERS.timeCost
  );
}
