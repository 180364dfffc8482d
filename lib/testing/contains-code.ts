/**
 * Reports whether a text contains a six-digit code as a separate value ("123456" or "123 456"). Ignores the same digits
 * inside an id, a token, a digest or a timestamp, where they may appear by chance.
 */
export function containsCode(text: string, code: string): boolean {
  const formats = `${code}|${code.slice(0, 3)} ${code.slice(3)}`;
  return new RegExp(`(?<![\\w.-]|\\d:)(?:${formats})(?![\\w-]|[.:]\\d)`).test(text);
}
