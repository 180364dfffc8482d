import { bare, isMadeOf, isRuns, unitOf, withoutEnds, wordsOf } from './patterns.ts';

/** A password, and what is left of it without what people add to make it long enough. */
function formsOf(password: string): string[] {
  const letters = bare(password);
  const forms = [password.toLowerCase(), letters, withoutEnds(letters)];
  return [...forms, withoutEnds(unitOf(letters))].filter((form) => form !== '');
}

/**
 * As what a password is tried first, where it is: one of the commonest, or no more than names. `about`: what anybody
 * would try; `isCommon`: whether a text in lower case is among the commonest passwords.
 */
export function isBlocklisted(
  password: string,
  about: string[],
  isCommon: (lowerCase: string) => boolean,
): 'common' | 'about_you' | null {
  const forms = formsOf(password);
  const isOneOfThose = (form: string) => {
    const unit = unitOf(form);
    return [...unit].length === 1 || isCommon(unit) || isCommon(form) || isRuns(form);
  };
  if (forms.some(isOneOfThose)) return 'common';
  const words = ['stagedoor', ...about, ...about.map((term) => term.replace(/@.*$/, ''))].flatMap(wordsOf);
  return forms.some((form) => isMadeOf(form, words)) ? 'about_you' : null;
}
