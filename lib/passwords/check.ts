import { isCommon } from './common-passwords.ts';
import { bare, isMadeOf, isRuns, unitOf, withoutEnds, wordsOf } from './patterns.ts';
import { countCharacters, leastLength, type PasswordRefused } from './schema.ts';

export type PasswordInput = {
  password: string;
  /** Whether the person has a second factor. */
  hasFactor: boolean;
  /** What anybody would try first: the person's email address and name, and the organisation's name. */
  about: string[];
};

/** A password, and what is left of it without what people add to make it long enough. */
function formsOf(password: string): string[] {
  const letters = bare(password);
  const forms = [password.toLowerCase(), letters, withoutEnds(letters)];
  return [...forms, withoutEnds(unitOf(letters))].filter((form) => form !== '');
}

function isTriedFirst(form: string): boolean {
  const unit = unitOf(form);
  return countCharacters(unit) === 1 || isCommon(unit) || isCommon(form) || isRuns(form);
}

/**
 * Whether a password may be somebody's (NIST SP 800-63B-4, 3.1.1.2): it is long enough, and nothing that is tried
 * first. No rules of composition: they make passwords worse.
 */
export function checkPassword({ password, hasFactor, about }: PasswordInput): { ok: true } | PasswordRefused {
  const least = leastLength({ hasFactor });
  if (countCharacters(password) < least) return { ok: false, reason: 'short', least };
  const forms = formsOf(password);
  if (forms.some(isTriedFirst)) return { ok: false, reason: 'common' };
  const words = ['stagedoor', ...about, ...about.map((term) => term.replace(/@.*$/, ''))].flatMap(wordsOf);
  return forms.some((form) => isMadeOf(form, words)) ? { ok: false, reason: 'about_you' } : { ok: true };
}
