import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

/** How long it would take to guess a password, from 0 (at once) to 4. `about`: what anybody would try first. */
export function estimateStrength(password: string, about: string[]): number {
  return estimator.check(password, about).score;
}
