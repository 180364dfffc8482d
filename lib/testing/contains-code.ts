/**
 * Checks if a six-digit code appears in a text as a value of its own ("123456" or "123 456"). The same digits inside
 * an id, a token, a digest or a timestamp appear there by chance and are not the code.
 */
export function containsCode(text: string, code: string): boolean {
  const written = `${code}|${code.slice(0, 3)} ${code.slice(3)}`;
  return new RegExp(`(?<![\\w.-]|\\d:)(?:${written})(?![\\w-]|[.:]\\d)`).test(text);
}
