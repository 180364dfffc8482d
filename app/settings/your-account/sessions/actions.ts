'use server';
import { revalidatePath } from 'next/cache';
import { endOtherSessions, endOwnSession } from '#lib/identity/sessions/end-own-session.ts';
import { requireSelf } from '#lib/identity/sessions/require-role.ts';
import { endSessionSchema } from '#lib/identity/sessions/schema.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../../malformed-request.ts';

// The actions change only the signed-in user's sessions: the browser never sends a user id.

const PAGE = '/settings/your-account';

/** Ends one of the user's sessions. */
export async function signOutBrowser(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = endSessionSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await endOwnSession(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Ends all of the user's sessions except the current one. */
export async function signOutElsewhere() {
  const access = await requireSelf();
  if (!access.ok) return access;
  const result = await endOtherSessions(database(), access.user);
  revalidatePath(PAGE);
  return result;
}
