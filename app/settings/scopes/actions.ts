'use server';
import { revalidatePath } from 'next/cache';
import { createScope as addScope } from '#lib/api-accounts/scopes/create.ts';
import { editScope } from '#lib/api-accounts/scopes/edit.ts';
import { readScopeUse } from '#lib/api-accounts/scopes/read-use.ts';
import { retireScope as retire } from '#lib/api-accounts/scopes/retire.ts';
import {
  editScopeSchema,
  newScopeSchema,
  retireScopeSchema,
  scopeIdSchema,
} from '#lib/api-accounts/scopes/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';
import { SCOPES_PATH } from '../settings-pages.ts';

/** Adds a scope to those of the organisation. */
export async function createScope(input: unknown) {
  const access = await requireAdministrator('createScope');
  if (!access.ok) return access;
  const parsed = newScopeSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await addScope(database(), access.administrator, parsed.data);
  revalidatePath(SCOPES_PATH);
  return result;
}

/** Saves the description of a scope. */
export async function saveScope(input: unknown) {
  const access = await requireAdministrator('saveScope');
  if (!access.ok) return access;
  const parsed = editScopeSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await editScope(database(), access.administrator, parsed.data);
  revalidatePath(SCOPES_PATH);
  return result;
}

/** Loads which accounts have a scope. */
export async function loadScopeUse(input: unknown) {
  const access = await requireAdministrator('loadScopeUse');
  if (!access.ok) return access;
  const parsed = scopeIdSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const use = await readScopeUse(database(), access.administrator, parsed.data);
  return { ok: true, use } as const;
}

/** Retires a scope. */
export async function retireScope(input: unknown) {
  const access = await requireAdministrator('retireScope');
  if (!access.ok) return access;
  const parsed = retireScopeSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await retire(database(), access.administrator, parsed.data);
  revalidatePath(SCOPES_PATH);
  return result;
}
