import { cookies } from 'next/headers';
import { getCookieSettings } from '#lib/identity/sessions/cookies.ts';
import { parseTheme, type Theme } from './theme.ts';

/**
 * Returns the theme that this browser has chosen. The server renders it, so that a page does not first appear in the
 * other theme.
 */
export async function readTheme(): Promise<Theme> {
  return parseTheme((await cookies()).get(getCookieSettings().theme)?.value);
}
