'use server';
import { revalidatePath } from 'next/cache';
import { EXPIRY_PATH } from '#lib/api-accounts/expiry/labels.ts';
import { saveExpiryPolicy as savePolicy } from '#lib/api-accounts/expiry/save-policy.ts';
import { expiryPolicySchema } from '#lib/api-accounts/expiry/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { getFirstErrors } from '../get-first-errors.ts';

/** Saves the expiry policy: how long API accounts work by default, and at most. */
export async function saveExpiryPolicy(input: unknown) {
  const access = await requireAdministrator('saveExpiryPolicy');
  if (!access.ok) return access;
  const parsed = expiryPolicySchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: getFirstErrors(parsed.error) } as const;
  }
  const result = await savePolicy(database(), access.administrator, parsed.data);
  revalidatePath(EXPIRY_PATH);
  return result;
}
