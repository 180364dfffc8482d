'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { saveTextRules as save } from '#lib/notifications/sms/save-policy.ts';
import { TEXT_MESSAGES_PATH, textRulesSchema } from '#lib/notifications/sms/schema.ts';
import { database } from '#lib/platform/database.ts';
import { firstErrors } from '../users/api-accounts/field-errors.ts';

/** Saves where texts may go and how many a day. */
export async function saveTextRules(input: unknown) {
  const asked = await requireAdministrator('saveTextRules');
  if (!asked.ok) return asked;
  const parsed = textRulesSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: firstErrors(parsed.error) } as const;
  }
  const result = await save(database(), asked.administrator, parsed.data);
  revalidatePath(TEXT_MESSAGES_PATH);
  return result;
}
