import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** Fewer letters are looked at than may be typed: the estimate of a very long one takes long, and is the best anyway. */
const LOOKED_AT = 100;

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

/** Letters and digits only, all alike, and what they are over and over once: `Maria Maria!` is `maria`. */
function kernelOf(text: string): string {
  const bare = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]/gu, '');
  return bare.slice(0, `${bare}${bare}`.indexOf(bare, 1));
}

/**
 * How long it would take to guess a password, from 0 (at once) to 4. `about`: what anybody would try first; a password
 * that is only that, however it is spaced, punctuated or repeated, is refused where it is set, and so 0 here.
 */
export function estimateStrength(password: string, about: string[]): number {
  const terms = ['stagedoor', ...about, ...about.map((term) => term.replace(/@.*$/, ''))];
  const kernels = terms.map(kernelOf).filter(Boolean);
  if (kernels.includes(kernelOf(password))) return 0;
  return estimator.check(password.slice(0, LOOKED_AT), [...about, ...kernels]).score;
}
