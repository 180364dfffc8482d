'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { TEXT_MESSAGES_PATH } from '#lib/notifications/sms/labels.ts';
import { saveSmsPolicy as savePolicy } from '#lib/notifications/sms/save-policy.ts';
import { smsPolicySchema } from '#lib/notifications/sms/schema.ts';
import { database } from '#lib/platform/database.ts';
import { getFirstErrors } from '../get-first-errors.ts';

/** Saves the SMS policy: the daily limits and the allowed countries. */
export async function saveSmsPolicy(input: unknown) {
  const access = await requireAdministrator('saveSmsPolicy');
  if (!access.ok) return access;
  const parsed = smsPolicySchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: getFirstErrors(parsed.error) } as const;
  }
  const result = await savePolicy(database(), access.administrator, parsed.data);
  revalidatePath(TEXT_MESSAGES_PATH);
  return result;
}
