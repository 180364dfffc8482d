'use server';
import { revalidatePath } from 'next/cache';
import { resolveReport } from '#lib/api-accounts/contact-changes/resolve.ts';
import { resolveReportSchema } from '#lib/api-accounts/contact-changes/schema.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { editApiAccountSchema, newApiAccountSchema, resetApiKeySchema } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { readUsage } from '#lib/api-accounts/usage/read.ts';
import { accountUsageSchema } from '#lib/api-accounts/usage/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { resendSchema } from '#lib/key-delivery/reveal/schema.ts';
import { database } from '#lib/platform/database.ts';
import { firstErrors } from '../../field-errors.ts';
import { LIST_PATH } from './list/list-query.ts';

/** Creates an API account and sends its first link and code. */
export async function createAccount(input: unknown) {
  const allowed = await requireAdministrator('createAccount');
  if (!allowed.ok) return allowed;
  const parsed = newApiAccountSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: firstErrors(parsed.error) } as const;
  }
  const result = await createApiAccount(database(), allowed.administrator, parsed.data);
  revalidatePath(LIST_PATH);
  return result;
}

/** Saves an account's addresses, its limit and whether it is active. */
export async function saveAccount(input: unknown) {
  const allowed = await requireAdministrator('saveAccount');
  if (!allowed.ok) return allowed;
  const parsed = editApiAccountSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: firstErrors(parsed.error) } as const;
  }
  const result = await updateApiAccount(database(), allowed.administrator, parsed.data);
  revalidatePath(LIST_PATH);
  return result;
}

/** Resets an account's API key and sends a new link and code. */
export async function resetKey(input: unknown) {
  const allowed = await requireAdministrator('resetKey');
  if (!allowed.ok) return allowed;
  const parsed = resetApiKeySchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'missing' } as const;
  const result = await resetApiKey(database(), allowed.administrator, parsed.data);
  revalidatePath(LIST_PATH);
  return result;
}

/** Tells how an account was used, for its editor: so it asks for the role that the editor takes. */
export async function loadUsage(input: unknown) {
  const allowed = await requireAdministrator('loadUsage');
  if (!allowed.ok) return allowed;
  const parsed = accountUsageSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'missing' } as const;
  const usage = await readUsage(database(), allowed.administrator, parsed.data);
  return usage ? ({ ok: true, usage } as const) : ({ ok: false, reason: 'missing' } as const);
}

/** Takes down that an administrator has looked into a change that somebody said was not theirs. */
export async function resolveChangeReport(input: unknown) {
  const allowed = await requireAdministrator('resolveChangeReport');
  if (!allowed.ok) return allowed;
  const parsed = resolveReportSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'missing' } as const;
  const result = await resolveReport(database(), allowed.administrator, parsed.data);
  revalidatePath(LIST_PATH);
  return result;
}

/** Sends the email, a text or both again, for the reveal that is under way. */
export async function resendDelivery(input: unknown) {
  const allowed = await requireAdministrator('resendDelivery');
  if (!allowed.ok) return allowed;
  const parsed = resendSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'not_under_way' } as const;
  const result = await resendMessages(database(), allowed.administrator, parsed.data);
  revalidatePath(LIST_PATH);
  return result;
}
