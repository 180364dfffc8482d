import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { findBlocklistReason } from '#lib/identity/passwords/blocklist.ts';
import { MAX_PASSWORD_LENGTH } from '#lib/identity/passwords/limits.ts';

/** Limits the time of an estimate. A longer password is hardly ever weaker than its start. */
const MAX_ESTIMATED_LENGTH = 100;

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
const commonPasswords = new Set(
  dictionary['passwords-common'].map((password) => String(password).toLowerCase()),
);

/**
 * Estimates how hard a password is to guess, from 0 to 4 (the score of zxcvbn). A password that the blocklist rejects
 * scores 0.
 * @param userInputs what an attacker would try first, such as the user's name
 */
export function estimateStrength(password: string, userInputs: string[]): number {
  if (
    findBlocklistReason(password.slice(0, MAX_PASSWORD_LENGTH), userInputs, (text) =>
      commonPasswords.has(text),
    )
  )
    return 0;
  return estimator.check(password.slice(0, MAX_ESTIMATED_LENGTH), userInputs).score;
}
