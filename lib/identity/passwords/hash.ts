import { hash, parseOptions, verify } from '@node-rs/argon2';
import { createSemaphore } from './semaphore.ts';

/**
 * Argon2id with the least that OWASP's Password Storage Cheat Sheet asks for: 19 MiB (in KiB here), two passes,
 * one lane. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of 32 random bytes that nobody kept, with these parameters: what an unknown address is compared with. */
export const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$m+3u/mTZnrkW5SuD5S7RdA$KZ/Vd0pF/jviTn77kWsWz5YnnAhFALgaD7U4CHpIQ1k';

/** Four at once take 76 MiB and all of libuv's threads. */
const inTurn = createSemaphore(4, 64);

/**
 * @returns an argon2id hash in PHC string format
 * @throws BusyError where too many are waiting
 */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, PARAMETERS));
}

/**
 * Compares a password with a stored hash; with `null` (nobody has this address) it takes as long, and is false.
 * @throws BusyError where too many are waiting
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await inTurn(() => verify(stored ?? DUMMY_HASH, password));
  return matches && stored !== null;
}

/** Whether a hash was made with less than today's parameters, so that it should be made anew. */
export function needsRehash(stored: string): boolean {
  const made = parseOptions(stored);
  return (
    !stored.startsWith('$argon2id$v=19$') ||
    made.memoryCost < PARAMETERS.memoryCost ||
    made.timeCost < PARAMETERS.timeCost
  );
}
