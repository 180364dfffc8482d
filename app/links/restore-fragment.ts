/**
 * Returns the path of a link whose `#` a mail program has encoded, once or twice, with its fragment: `/reveal#…` for
 * `/reveal%23…` and `/reveal%2523…`.
 * Null for any other path.
 */
export function restoreFragment(path: string): string | null {
  const [, page, fragment] = /^\/(reveal|report-change|set-password)\/?%(?:25)?23(.*)$/.exec(path) ?? [];
  return page === undefined ? null : `/${page}#${fragment}`;
}
