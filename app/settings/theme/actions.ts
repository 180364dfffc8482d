'use server';
import { cookies } from 'next/headers';
import { z } from 'zod';
import { getCookieSettings } from '#lib/identity/sessions/cookies.ts';
import { requireSelf } from '#lib/identity/sessions/require-role.ts';
import { THEMES } from '../../theme/theme.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';

const saveThemeSchema = z.object({ theme: z.enum(THEMES) });

/** The longest that browsers keep a cookie: 400 days (RFC 6265bis, 5.5). */
const MAX_AGE_SECONDS = 400 * 24 * 3600;

/**
 * Stores the theme in a cookie of this browser. The server sets it, because Safari deletes cookies that scripts set
 * after seven days.
 */
export async function saveTheme(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = saveThemeSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const { theme, options } = getCookieSettings();
  (await cookies()).set(theme, parsed.data.theme, { ...options, maxAge: MAX_AGE_SECONDS });
  return { ok: true } as const;
}
