'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { unlinkSso } from '#lib/identity/sso/unlink.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { inviteUserAgain } from '#lib/identity/users/invite-again.ts';
import {
  editUserSchema,
  inviteUserSchema,
  seenUserSchema,
  userIdSchema,
} from '#lib/identity/users/schema.ts';
import { signUserOut } from '#lib/identity/users/sign-out.ts';
import { updateUser } from '#lib/identity/users/update.ts';
import { database } from '#lib/platform/database.ts';

const PAGE = '/settings/users';
// The form has checked the same before: nothing that it sends ends here.
const INVALID = { ok: false, reason: 'invalid' } as const;
const MISSING = { ok: false, reason: 'missing' } as const;

/** Invites somebody by email. */
export async function invite(input: unknown) {
  const asked = await requireAdministrator('invite');
  if (!asked.ok) return asked;
  const parsed = inviteUserSchema.safeParse(input);
  if (!parsed.success) return INVALID;
  const result = await inviteUser(database(), asked.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Saves a user's name, email address, role and whether they may sign in. */
export async function saveUser(input: unknown) {
  const asked = await requireAdministrator('saveUser');
  if (!asked.ok) return asked;
  const parsed = editUserSchema.safeParse(input);
  if (!parsed.success) return INVALID;
  const result = await updateUser(database(), asked.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Sends the invitation again to somebody who has yet to accept. */
export async function resendInvitation(input: unknown) {
  const asked = await requireAdministrator('resendInvitation');
  if (!asked.ok) return asked;
  const parsed = userIdSchema.safeParse(input);
  if (!parsed.success) return MISSING;
  const result = await inviteUserAgain(database(), asked.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Signs a user out everywhere. */
export async function signUserOutEverywhere(input: unknown) {
  const asked = await requireAdministrator('signUserOutEverywhere');
  if (!asked.ok) return asked;
  const parsed = userIdSchema.safeParse(input);
  if (!parsed.success) return MISSING;
  return signUserOut(database(), asked.administrator, parsed.data);
}

/** Forgets which account at the OpenID provider is a user's. */
export async function unlinkProviderAccount(input: unknown) {
  const asked = await requireAdministrator('unlinkProviderAccount');
  if (!asked.ok) return asked;
  const parsed = seenUserSchema.safeParse(input);
  if (!parsed.success) return MISSING;
  const result = await unlinkSso(database(), asked.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}
