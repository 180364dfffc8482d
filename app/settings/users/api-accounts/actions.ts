'use server';
import { revalidatePath } from 'next/cache';
import { checkNewAccount } from '#lib/api-accounts/check-new.ts';
import { resolveReport } from '#lib/api-accounts/contact-changes/open-reports.ts';
import { resolveReportSchema } from '#lib/api-accounts/contact-changes/schema.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import {
  accountIdSchema,
  checkNewAccountSchema,
  deleteApiAccountSchema,
  editApiAccountSchema,
  newApiAccountSchema,
  resetApiKeySchema,
} from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { readRecentUse, readUsage } from '#lib/api-accounts/usage/read.ts';
import { accountUsageSchema } from '#lib/api-accounts/usage/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { readOutSchema, resendSchema } from '#lib/key-delivery/reveal/schema.ts';
import { database } from '#lib/platform/database.ts';
import { getFirstErrors } from '../../get-first-errors.ts';
import { MALFORMED_REQUEST } from '../../malformed-request.ts';
import { API_ACCOUNTS_PATH } from './list/accounts-query.ts';

/** Creates an API account and sends its first link and code. */
export async function createAccount(input: unknown) {
  const access = await requireAdministrator('createAccount');
  if (!access.ok) return access;
  const parsed = newApiAccountSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: getFirstErrors(parsed.error) } as const;
  }
  const result = await createApiAccount(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Checks fields of an account that are filled in, so that the form shows what is wrong before it is submitted. */
export async function checkFields(input: unknown) {
  const access = await requireAdministrator('checkFields');
  if (!access.ok) return access;
  const parsed = checkNewAccountSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const { fieldErrors } = await checkNewAccount(database(), access.administrator, parsed.data);
  return { ok: true, fieldErrors } as const;
}

/** Saves what an administrator can edit of an account. */
export async function saveAccount(input: unknown) {
  const access = await requireAdministrator('saveAccount');
  if (!access.ok) return access;
  const parsed = editApiAccountSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, reason: 'invalid', fieldErrors: getFirstErrors(parsed.error) } as const;
  }
  const result = await updateApiAccount(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Resets an account's API key and sends a new link and code. */
export async function resetKey(input: unknown) {
  const access = await requireAdministrator('resetKey');
  if (!access.ok) return access;
  const parsed = resetApiKeySchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await resetApiKey(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Ends the old key of a reset, which still works. */
export async function stopOldKey(input: unknown) {
  const access = await requireAdministrator('stopOldKey');
  if (!access.ok) return access;
  const parsed = accountIdSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await endOldKey(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Loads how an account is used at the moment, for the reset dialog. */
export async function loadRecentUse(input: unknown) {
  const access = await requireAdministrator('loadRecentUse');
  if (!access.ok) return access;
  const parsed = accountUsageSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const recentUse = await readRecentUse(database(), access.administrator, parsed.data);
  return recentUse ? ({ ok: true, recentUse } as const) : ({ ok: false, reason: 'not_found' } as const);
}

/** Deletes an account whose username was typed. */
export async function deleteAccount(input: unknown) {
  const access = await requireAdministrator('deleteAccount');
  if (!access.ok) return access;
  const parsed = deleteApiAccountSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await deleteApiAccount(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Loads an account's usage for the editor, which only an administrator may open. */
export async function loadUsage(input: unknown) {
  const access = await requireAdministrator('loadUsage');
  if (!access.ok) return access;
  const parsed = accountUsageSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'not_found' } as const;
  const usage = await readUsage(database(), access.administrator, parsed.data);
  return usage ? ({ ok: true, usage } as const) : ({ ok: false, reason: 'not_found' } as const);
}

/** Resolves a report of an unauthorised contact change. */
export async function resolveChangeReport(input: unknown) {
  const access = await requireAdministrator('resolveChangeReport');
  if (!access.ok) return access;
  const parsed = resolveReportSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await resolveReport(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Resends the email, the SMS or both of the current key delivery. */
export async function resendDelivery(input: unknown) {
  const access = await requireAdministrator('resendDelivery');
  if (!access.ok) return access;
  const parsed = resendSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await resendMessages(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}

/** Shows an administrator a code of the current key delivery, once, to read it out by phone. */
export async function readCodeOut(input: unknown) {
  const access = await requireAdministrator('readCodeOut');
  if (!access.ok) return access;
  const parsed = readOutSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await readOutCode(database(), access.administrator, parsed.data);
  revalidatePath(API_ACCOUNTS_PATH);
  return result;
}
