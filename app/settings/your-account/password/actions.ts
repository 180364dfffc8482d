'use server';
import { revalidatePath } from 'next/cache';
import { changePassword } from '#lib/identity/passwords/change.ts';
import { changePasswordSchema } from '#lib/identity/passwords/schema.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';

/** Changes the person's own password. */
export async function changeOwnPassword(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const parsed = changePasswordSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const result = await changePassword(database(), asked.person, parsed.data);
  revalidatePath('/settings/your-account');
  return result;
}
