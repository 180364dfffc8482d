/** "1,000,000". */
export const formatCount = (count: number) => count.toLocaleString('en-GB');

/** What a limit does, for the end of a sentence. `own` null: the account has none, so the default holds, if there is one. */
export function formatLimit(own: number | null, byDefault: number | null): string {
  const limit = own ?? byDefault;
  if (limit === null) return 'any number of requests is let through';
  const words =
    limit === 1
      ? 'at most 1 request a minute is let through'
      : `at most ${formatCount(limit)} requests a minute are let through`;
  return own === null ? `the default holds: ${words}` : words;
}

/** What a limit does, and what an empty field means. */
export function formatEmptyLimit(byDefault: number | null): string {
  return byDefault === null
    ? 'More than that is refused until the next minute. Leave empty for no limit.'
    : `More than that is refused until the next minute. Leave empty for the default, ${formatCount(byDefault)} a minute.`;
}
