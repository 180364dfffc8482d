'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { saveSmsPolicy as save } from '#lib/notifications/sms/save-policy.ts';
import { smsPolicySchema, TEXT_MESSAGES_PATH } from '#lib/notifications/sms/schema.ts';
import { database } from '#lib/platform/database.ts';
import { firstErrors } from '../field-errors.ts';

/** Saves where texts may go and how many a day. */
export async function saveSmsPolicy(input: unknown) {
  const asked = await requireAdministrator('saveSmsPolicy');
  if (!asked.ok) return asked;
  const parsed = smsPolicySchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: firstErrors(parsed.error) } as const;
  }
  const result = await save(database(), asked.administrator, parsed.data);
  revalidatePath(TEXT_MESSAGES_PATH);
  return result;
}
