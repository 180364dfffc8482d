'use server';
import { revalidatePath } from 'next/cache';
import { changePassword } from '#lib/identity/passwords/change.ts';
import { changePasswordSchema } from '#lib/identity/passwords/schema.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';

/** Changes the current user's password. */
export async function changeOwnPassword(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = changePasswordSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const result = await changePassword(database(), access.user, parsed.data);
  revalidatePath('/settings/your-account');
  return result;
}
