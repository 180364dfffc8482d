'use server';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { ownCookies } from '#lib/identity/sessions/cookies.ts';
import { claimedSessionId, endSession, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';

/** Ends the session in the database, which signs out every tab, then deletes the cookie. */
export async function signOut(): Promise<void> {
  const access = await requireSameOrigin();
  if (!access.ok) return;
  const sessionId = await claimedSessionId();
  if (sessionId) await endSession(sessionId);
  const { session, options } = ownCookies();
  (await cookies()).set(session, '', { ...options, maxAge: 0 });
  redirect('/sign-in');
}
