/** The page after signing in, unless the user came from another one. */
export const HOME = '/settings/users/api-accounts';

/**
 * Returns the path to open after signing in, which must be on this site (CWE-601, open redirect). Browsers treat
 * `//host`, `/\host` and a path with a tab or a line break as another site.
 */
export function safePath(then: string | string[] | undefined): string {
  if (typeof then !== 'string' || !/^\/[^/\\\s\p{C}][^\\\s\p{C}]*$/u.test(then)) return HOME;
  return then.startsWith('/sign-in') ? HOME : then;
}
