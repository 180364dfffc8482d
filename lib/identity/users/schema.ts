import { z } from 'zod';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { createNameSchema, emailSchema } from '#lib/platform/user-input/schema.ts';

/** Maximum length of a user's name, in Unicode code points. */
export const MAX_NAME_LENGTH = 100;

/** Validates a user's name. May be empty: invited users enter their own. */
export const nameSchema = createNameSchema(MAX_NAME_LENGTH);

/** Returns the name, or else the email address, truncated to the maximum length of a name. */
export const getNameOrEmail = (name: string, email: string) => name || email.slice(0, MAX_NAME_LENGTH);

/** Users without a role may sign in, but see only their own account. */
const roleSchema = z.enum(['settings_administrator', 'settings_viewer']).nullable();

export const inviteUserSchema = z.object({ email: emailSchema, role: roleSchema });

export const editUserSchema = z.object({
  id: z.uuid(),
  /** The version that the editor has loaded. */
  version: z.int().min(1),
  name: nameSchema,
  email: emailSchema,
  role: roleSchema,
  /** Inactive users cannot sign in. */
  active: z.boolean(),
});

/** Validates the name that users enter for themselves. */
export const ownNameSchema = nameSchema.pipe(z.string().min(1, { error: 'Enter your name.' }));
export const updateOwnNameSchema = z.object({ name: ownNameSchema });

export const userIdSchema = z.object({ id: z.uuid() });

/** The version of a user, and the latest invitation, that the administrator has seen. */
const seenInvitationSchema = z.object({ version: z.int().min(1), invitationId: z.uuid().nullable() });

export const resendInvitationSchema = userIdSchema.extend({ seen: seenInvitationSchema });

/** Identifies a user, and the version and the linked account that the editor has loaded. */
export const unlinkSsoSchema = userIdSchema.extend({
  version: z.int().min(1),
  identityId: z.uuid().nullable(),
});

export type InviteUserInput = z.infer<typeof inviteUserSchema>;
export type EditUserInput = z.infer<typeof editUserSchema>;
export type UserIdInput = z.infer<typeof userIdSchema>;
export type SeenInvitation = z.infer<typeof seenInvitationSchema>;
/** `identityId`: not compared if it is missing. */
export type UnlinkSsoInput = UserIdInput & { version: number; identityId?: string | null };

/**
 * The state of the latest invitation of a user without a sign-in method. `unsent`: its email was abandoned; `bounced`:
 * its email was not delivered; `expired`: its link has expired or was withdrawn. A user who accepted an earlier
 * invitation is `unlinked` instead of `expired`, or `no_sign_in_method` if there is no provider.
 */
export type InvitationState = 'open' | 'unsent' | 'bounced' | 'expired' | 'unlinked' | 'no_sign_in_method';

/** A user as “Users” in the settings shows them, without secrets. */
export type UserSummary = {
  id: string;
  /** Empty until an invited user enters it. */
  name: string;
  email: string;
  role: Role | null;
  active: boolean;
  version: number;
  /** Whether the user has a password, or a linked account at the current provider, and the settings enable it. */
  hasSignInMethod: boolean;
  /** Whether the user has ever had a password or a session. */
  hasAcceptedInvitation: boolean;
  /** Null if the user has a sign-in method. */
  invitation: InvitationState | null;
  /** The latest invitation; null if there was none. */
  invitationId: string | null;
  /** Whether the user has a passkey or an authenticator app. */
  hasSecondFactor: boolean;
  /** The name of the OpenID provider; null if no account there is linked. */
  provider: string | null;
  /** The link to the account at that provider. */
  identityId: string | null;
  /** Whether each single sign-on sets the role from a claim. */
  isRoleFromClaim: boolean;
  /** Null if the user has never signed in. */
  lastSeenAt: Date | null;
};
