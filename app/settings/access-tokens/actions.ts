'use server';
import { revalidatePath } from 'next/cache';
import { createAccessToken as create } from '#lib/access-tokens/create.ts';
import { revokeAccessToken as revoke } from '#lib/access-tokens/revoke.ts';
import { newAccessTokenSchema, revokeAccessTokenSchema } from '#lib/access-tokens/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';
import { ACCESS_TOKENS_PATH } from '../settings-pages.ts';

/** Creates an access token, and returns it: it is shown only once. */
export async function createAccessToken(input: unknown) {
  const access = await requireAdministrator('createAccessToken');
  if (!access.ok) return access;
  const parsed = newAccessTokenSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await create(database(), access.administrator, parsed.data);
  revalidatePath(ACCESS_TOKENS_PATH);
  return result;
}

/** Revokes an access token. */
export async function revokeAccessToken(input: unknown) {
  const access = await requireAdministrator('revokeAccessToken');
  if (!access.ok) return access;
  const parsed = revokeAccessTokenSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await revoke(database(), access.administrator, parsed.data);
  revalidatePath(ACCESS_TOKENS_PATH);
  return result;
}
