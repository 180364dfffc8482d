import { formatCount } from '#components/format.ts';

/** Describes a limit for the end of a sentence. If the account has no limit of its own (null), the default applies. */
export function formatLimit(ownLimit: number | null, defaultLimit: number | null): string {
  const limit = ownLimit ?? defaultLimit;
  if (limit === null) return 'there is no limit';
  const description =
    limit === 1
      ? '1 request a minute is allowed'
      : `up to ${formatCount(limit)} requests a minute are allowed`;
  return ownLimit === null ? `the default applies: ${description}` : description;
}

/** Describes what the limit does, and what an empty field means. */
export function formatEmptyLimit(defaultLimit: number | null): string {
  const meaning = defaultLimit === null ? 'no limit' : `the default, ${formatCount(defaultLimit)} a minute`;
  return `Extra requests are blocked until the next minute. Leave empty for ${meaning}.`;
}
