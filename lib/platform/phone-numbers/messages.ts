/** Asks for a number in international form. */
export const ENTER_MOBILE = 'Enter a mobile number with its country code, such as +447400123456.';

/** A number that may be right, but that the numbering plans do not contain. It is accepted if it is confirmed. */
export const UNKNOWN_NUMBER = 'We don’t know any phone numbers like this one. Check the digits.';

const SUGGESTION = 'Start with the country code: ';

/** Suggests the international form of a phone number that was typed without its country code: "+44 7400 123456". */
export const formatSuggestion = (international: string) => `${SUGGESTION}${international}`;

/** Returns the number that a message suggests; null if the message suggests none. */
export function readSuggestion(message: string): string | null {
  return message.startsWith(SUGGESTION) ? message.slice(SUGGESTION.length) : null;
}
