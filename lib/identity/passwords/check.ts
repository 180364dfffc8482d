import { dictionary } from '@zxcvbn-ts/language-common';
import type { Queryable } from '#db/client.ts';
import { listFactors } from '#lib/identity/mfa/list.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { findBlocklistReason } from './blocklist.ts';
import { countCharacters, getMinPasswordLength, type PasswordRejection } from './schema.ts';

let commonPasswords: Set<string> | undefined;

/** Returns whether a password in lower case is one of the 49,000 that are most common in lists of stolen passwords. */
function isCommon(lowerCase: string): boolean {
  commonPasswords ??= new Set(
    dictionary['passwords-common'].map((password) => String(password).toLowerCase()),
  );
  return commonPasswords.has(lowerCase);
}

type PasswordInput = {
  password: string;
  /** Whether the user has a second factor. */
  hasFactor: boolean;
  /** What an attacker tries first: the user's email address and name, and the organisation's name. */
  userInputs: string[];
};

/**
 * Checks the length of a new password and that it is not on the blocklist (NIST SP 800-63B-4, 3.1.1.2). There are no
 * composition rules, because they make passwords weaker.
 */
export function checkPassword({
  password,
  hasFactor,
  userInputs,
}: PasswordInput): { ok: true } | PasswordRejection {
  const minLength = getMinPasswordLength({ hasFactor });
  if (countCharacters(password) < minLength) return { ok: false, reason: 'too_short', minLength };
  const reason = findBlocklistReason(password, userInputs, isCommon);
  return reason ? { ok: false, reason } : { ok: true };
}

/** Checks a new password, with the user's email address and name and the organisation's name as personal terms. */
export function checkUserPassword(
  { email, name, hasFactor }: { email: string; name: string; hasFactor: boolean },
  password: string,
) {
  return checkPassword({ password, hasFactor, userInputs: [email, name, settings().organisationName] });
}

/** Returns whether a user has a second factor. This may change until the caller locks the user's row. */
export async function hasSecondFactor(database: Queryable, userId: string): Promise<boolean> {
  const { passkeys, totpSince } = await listFactors(database, userId);
  return passkeys.length > 0 || totpSince !== null;
}
