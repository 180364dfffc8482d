import { formatCount } from '#components/format.ts';

/** Describes a limit for the end of a sentence. If the account has no limit of its own (null), the default applies. */
export function formatLimit(own: number | null, defaultLimit: number | null): string {
  const limit = own ?? defaultLimit;
  if (limit === null) return 'any number of requests is let through';
  const description =
    limit === 1
      ? 'at most 1 request a minute is let through'
      : `at most ${formatCount(limit)} requests a minute are let through`;
  return own === null ? `the default holds: ${description}` : description;
}

/** Describes what the limit does, and what an empty field means. */
export function formatEmptyLimit(defaultLimit: number | null): string {
  return defaultLimit === null
    ? 'More than that is refused until the next minute. Leave empty for no limit.'
    : `More than that is refused until the next minute. Leave empty for the default, ${formatCount(defaultLimit)} a minute.`;
}
