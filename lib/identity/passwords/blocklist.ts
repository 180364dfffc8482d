import {
  consistsOfRuns,
  consistsOfWords,
  findRepeatedUnit,
  keepLettersAndDigits,
  removeOuterDigits,
  splitWords,
} from './patterns.ts';

/** Returns a password in lower case, and forms of it without the characters that users add to make it long enough. */
function listNormalizedForms(password: string): string[] {
  const normalized = keepLettersAndDigits(password);
  const forms = [password.toLowerCase(), normalized, removeOuterDigits(normalized)];
  return [...forms, removeOuterDigits(findRepeatedUnit(normalized))].filter((form) => form !== '');
}

/**
 * Returns why a password is on the blocklist: it is like one of the most common, or consists only of personal terms. Null
 * if it is not on the blocklist.
 * @param userInputs what an attacker tries first, such as the user's name and the organisation's
 * @param isCommon returns whether a string in lower case is one of the most common passwords
 */
export function findBlocklistReason(
  password: string,
  userInputs: string[],
  isCommon: (lowerCase: string) => boolean,
): 'too_common' | 'personal_terms' | null {
  const forms = listNormalizedForms(password);
  const isCommonForm = (form: string) => {
    const unit = findRepeatedUnit(form);
    return [...unit].length === 1 || isCommon(unit) || isCommon(form) || consistsOfRuns(form);
  };
  if (forms.some(isCommonForm)) return 'too_common';
  // The product's name counts as a personal term, too.
  const words = ['stagedoor', ...userInputs, ...userInputs.map((term) => term.replace(/@.*$/, ''))].flatMap(
    splitWords,
  );
  return forms.some((form) => consistsOfWords(form, words)) ? 'personal_terms' : null;
}
