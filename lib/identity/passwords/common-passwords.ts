import { dictionary } from '@zxcvbn-ts/language-common';

let known: Set<string> | undefined;

/** Whether a password, in lower case, is among the 49,000 commonest, from lists of stolen ones. */
export function isCommon(lowerCase: string): boolean {
  known ??= new Set(dictionary['passwords-common'].map((password) => String(password).toLowerCase()));
  return known.has(lowerCase);
}
