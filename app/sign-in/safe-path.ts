/** The page after signing in, unless the user was redirected from another page. */
export const HOME_PATH = '/settings/users/api-accounts';

/**
 * Returns the path to open after signing in, which must be on this site (CWE-601, open redirect). Browsers treat
 * `//host`, `/\host` and `/` with a tab or a line break before `/host` as another site.
 * @param then the query parameter of the sign-in page
 * @returns `HOME_PATH` if `then` is missing, repeated, not such a path, or the sign-in page itself
 */
export function getSafePath(then: string | string[] | undefined): string {
  if (typeof then !== 'string' || !/^\/[^/\\\s\p{C}][^\\\s\p{C}]*$/u.test(then)) return HOME_PATH;
  return then.startsWith('/sign-in') ? HOME_PATH : then;
}
