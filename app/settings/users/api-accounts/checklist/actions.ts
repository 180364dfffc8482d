'use server';
import { revalidatePath } from 'next/cache';
import { dismissChecklistFor } from '#lib/api-accounts/checklist.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';

/** Hides the first-run checklist from the administrator. */
export async function dismissChecklist() {
  const access = await requireAdministrator('dismissChecklist');
  if (!access.ok) return access;
  await dismissChecklistFor(database(), access.administrator);
  revalidatePath(API_ACCOUNTS_PATH);
  return { ok: true } as const;
}
