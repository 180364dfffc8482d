'use server';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { getCookieSettings } from '#lib/identity/sessions/cookies.ts';
import { endSession, readSessionId, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import type { Refusal } from '#lib/platform/authorization/roles.ts';

/** Ends this browser's session in the database, which signs out every tab, then deletes the cookie and redirects. */
export async function signOut(): Promise<Refusal | undefined> {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const sessionId = await readSessionId();
  if (sessionId) await endSession(sessionId);
  const { session, options } = getCookieSettings();
  (await cookies()).set(session, '', { ...options, maxAge: 0 });
  redirect('/sign-in');
}
