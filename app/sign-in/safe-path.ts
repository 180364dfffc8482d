/** Where someone goes who was not on the way to anywhere. */
export const HOME = '/settings/users/api-accounts';

/**
 * The path to go to after signing in: a path of this site, whatever stands in the address bar. Browsers take
 * `//host`, `/\host` and a path with a tab or a line end in it for another site.
 */
export function safePath(then: string | string[] | undefined): string {
  if (typeof then !== 'string' || !/^\/[^/\\\s\p{C}][^\\\s\p{C}]*$/u.test(then)) return HOME;
  return then.startsWith('/sign-in') ? HOME : then;
}
