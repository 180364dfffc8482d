import { isBlocklisted } from './blocklist.ts';
import { isCommon } from './common-passwords.ts';
import { countCharacters, leastLength, type PasswordRefused } from './schema.ts';

export type PasswordInput = {
  password: string;
  /** Whether the person has a second factor. */
  hasFactor: boolean;
  /** What anybody would try first: the person's email address and name, and the organisation's name. */
  about: string[];
};

/**
 * Whether a password may be somebody's (NIST SP 800-63B-4, 3.1.1.2): it is long enough, and nothing that is tried
 * first. No rules of composition: they make passwords worse.
 */
export function checkPassword({ password, hasFactor, about }: PasswordInput): { ok: true } | PasswordRefused {
  const least = leastLength({ hasFactor });
  if (countCharacters(password) < least) return { ok: false, reason: 'short', least };
  const reason = isBlocklisted(password, about, isCommon);
  return reason ? { ok: false, reason } : { ok: true };
}
