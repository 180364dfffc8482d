import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { isBlocklisted } from '#lib/identity/passwords/blocklist.ts';
import { MAX_PASSWORD_LENGTH } from '#lib/identity/passwords/limits.ts';

/** Fewer letters are looked at than may be typed: the estimate of a very long one takes long, and is the best anyway. */
const LOOKED_AT = 100;

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
const common = new Set(dictionary['passwords-common'].map((password) => String(password).toLowerCase()));

/**
 * How long it would take to guess a password, from 0 (at once) to 4. `about`: what anybody would try first. What is
 * refused where a password is set, since it is tried first however it is written, is 0 here.
 */
export function estimateStrength(password: string, about: string[]): number {
  if (isBlocklisted(password.slice(0, MAX_PASSWORD_LENGTH), about, (text) => common.has(text))) return 0;
  return estimator.check(password.slice(0, LOOKED_AT), about).score;
}
