'use server';
import { revalidatePath } from 'next/cache';
import { endOtherSessions, endOwnSession } from '#lib/identity/sessions/end-own-session.ts';
import { requireSelf } from '#lib/identity/sessions/require-role.ts';
import { endSessionSchema } from '#lib/identity/sessions/schema.ts';
import { database } from '#lib/platform/database.ts';

// Each person's own: whose sessions they are is never said by the browser.

const PAGE = '/settings/your-account';

/** Signs the person out in one browser. */
export async function signOutBrowser(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const parsed = endSessionSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'missing' } as const;
  const result = await endOwnSession(database(), asked.person, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Signs the person out everywhere but here. */
export async function signOutElsewhere() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const result = await endOtherSessions(database(), asked.person);
  revalidatePath(PAGE);
  return result;
}
