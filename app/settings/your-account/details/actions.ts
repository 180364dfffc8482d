'use server';
import { revalidatePath } from 'next/cache';
import { requireSelf } from '#lib/identity/sessions/require-role.ts';
import { updateOwnNameSchema } from '#lib/identity/users/schema.ts';
import { updateOwnName } from '#lib/identity/users/update-own-name.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../../malformed-request.ts';

/** Changes the signed-in user's name. */
export async function saveOwnName(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = updateOwnNameSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await updateOwnName(database(), access.user, parsed.data);
  // The navigation shows the name, too.
  revalidatePath('/settings', 'layout');
  return result;
}
