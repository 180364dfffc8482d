'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { unlinkSso } from '#lib/identity/sso/unlink.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { resendInvitation as inviteAgain } from '#lib/identity/users/invite-again.ts';
import {
  editUserSchema,
  inviteUserSchema,
  resendInvitationSchema,
  unlinkSsoSchema,
  userIdSchema,
} from '#lib/identity/users/schema.ts';
import { signUserOut } from '#lib/identity/users/sign-out.ts';
import { updateUser } from '#lib/identity/users/update.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';

const PAGE = '/settings/users';

/** Invites a user by email. */
export async function invite(input: unknown) {
  const access = await requireAdministrator('invite');
  if (!access.ok) return access;
  const parsed = inviteUserSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await inviteUser(database(), access.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Saves a user's name, email address, role and whether the user may sign in. */
export async function saveUser(input: unknown) {
  const access = await requireAdministrator('saveUser');
  if (!access.ok) return access;
  const parsed = editUserSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await updateUser(database(), access.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Resends a user's invitation. */
export async function resendInvitation(input: unknown) {
  const access = await requireAdministrator('resendInvitation');
  if (!access.ok) return access;
  const parsed = resendInvitationSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await inviteAgain(database(), access.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Signs a user out everywhere. */
export async function signUserOutEverywhere(input: unknown) {
  const access = await requireAdministrator('signUserOutEverywhere');
  if (!access.ok) return access;
  const parsed = userIdSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  return signUserOut(database(), access.administrator, parsed.data);
}

/** Unlinks a user's SSO account. */
export async function unlinkProviderAccount(input: unknown) {
  const access = await requireAdministrator('unlinkProviderAccount');
  if (!access.ok) return access;
  const parsed = unlinkSsoSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await unlinkSso(database(), access.administrator, parsed.data);
  revalidatePath(PAGE);
  return result;
}
