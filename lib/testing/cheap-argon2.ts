import { createRequire } from 'node:module';
import type * as argon2 from '@node-rs/argon2';

// Not imported, because tests replace that import with this module.
const real: typeof argon2 = createRequire(import.meta.url)('@node-rs/argon2');

/** One hash takes less than 1 ms of CPU time, instead of 30 ms. */
const CHEAP_PARAMETERS = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const PARAMETERS = /m=\d+,t=\d+,p=\d+/;

const formatParameters = ({ memoryCost, timeCost, parallelism }: typeof CHEAP_PARAMETERS) =>
  `m=${memoryCost},t=${timeCost},p=${parallelism}`;

export const { parseOptions } = real;

/** Hashes a password with cheap parameters, and writes the requested ones into the result. */
export async function hash(password: string, requested: typeof CHEAP_PARAMETERS): Promise<string> {
  const hashed = await real.hash(password, CHEAP_PARAMETERS);
  return hashed.replace(PARAMETERS, formatParameters(requested));
}

/** Compares a password with a hash that `hash` has returned. It matches no other hash. */
export function verify(hashed: string, password: string): Promise<boolean> {
  return real.verify(hashed.replace(PARAMETERS, formatParameters(CHEAP_PARAMETERS)), password);
}
