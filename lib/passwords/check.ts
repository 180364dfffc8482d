import { isCommon } from './common-passwords.ts';
import { countCharacters, leastLength, type PasswordRefused } from './schema.ts';

export type PasswordInput = {
  password: string;
  /** Whether the person has a second factor. */
  hasFactor: boolean;
  /** What anybody would try first: the person's email address and name, and the organisation's name. */
  about: string[];
};

/** What a text is over and over: `abab` is `ab`, and `abc` is itself. */
function unitOf(text: string): string {
  return text.slice(0, `${text}${text}`.indexOf(text, 1));
}

/** Letters and digits only, all alike: so `Northwind-Traders!` is no better than `northwind traders`. */
function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]/gu, '');
}

function isAbout(password: string, about: string[]): boolean {
  const terms = ['stagedoor', ...about, ...about.map((term) => term.replace(/@.*$/, ''))];
  const unit = unitOf(bare(password));
  return unit !== '' && terms.some((term) => unitOf(bare(term)) === unit);
}

/**
 * Whether a password may be somebody's (NIST SP 800-63B-4, 3.1.1.2): it is long enough, and nothing that is tried
 * first. No rules of composition: they make passwords worse.
 */
export function checkPassword({ password, hasFactor, about }: PasswordInput): { ok: true } | PasswordRefused {
  const least = leastLength({ hasFactor });
  if (countCharacters(password) < least) return { ok: false, reason: 'short', least };
  const lowerCase = password.toLowerCase();
  const unit = unitOf(lowerCase);
  if (countCharacters(unit) === 1 || isCommon(unit) || isCommon(lowerCase)) {
    return { ok: false, reason: 'common' };
  }
  return isAbout(password, about) ? { ok: false, reason: 'about_you' } : { ok: true };
}
