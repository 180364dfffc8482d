import {
  consistsOfWords,
  isKeyboardRuns,
  lettersAndDigits,
  repeatedUnit,
  splitWords,
  withoutOuterDigits,
} from './patterns.ts';

/** Returns a password, and what remains without the characters that users add to make it long enough. */
function normalizedForms(password: string): string[] {
  const normalized = lettersAndDigits(password);
  const forms = [password.toLowerCase(), normalized, withoutOuterDigits(normalized)];
  return [...forms, withoutOuterDigits(repeatedUnit(normalized))].filter((form) => form !== '');
}

/**
 * Returns why a password is on the blocklist: it is one of the most common, or consists only of names. Null if it is not.
 * @param userInputs terms that an attacker tries first, such as the user's name and the organisation's
 * @param isCommon whether a string in lower case is one of the most common passwords
 */
export function isBlocklisted(
  password: string,
  userInputs: string[],
  isCommon: (lowerCase: string) => boolean,
): 'common' | 'about_you' | null {
  const forms = normalizedForms(password);
  const isCommonForm = (form: string) => {
    const unit = repeatedUnit(form);
    return [...unit].length === 1 || isCommon(unit) || isCommon(form) || isKeyboardRuns(form);
  };
  if (forms.some(isCommonForm)) return 'common';
  const words = ['stagedoor', ...userInputs, ...userInputs.map((term) => term.replace(/@.*$/, ''))].flatMap(
    splitWords,
  );
  return forms.some((form) => consistsOfWords(form, words)) ? 'about_you' : null;
}
