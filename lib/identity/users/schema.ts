import { z } from 'zod';
import type { Role } from '#lib/platform/authorization/roles.ts';

/** In Unicode code points. */
export const MAX_NAME_LENGTH = 100;
/** Control, format, private-use and unassigned characters, and line separators. */
const NOT_PRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const emailSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter an email address.' })
  .max(254, { error: 'This email address is too long.' })
  .pipe(z.email({ error: 'Enter an email address in full, such as name@example.com.' }));

/** Validates a user's name. May be empty: invited users enter their own. */
export const nameSchema = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .refine((text) => [...text].length <= MAX_NAME_LENGTH, {
        error: `Use at most ${MAX_NAME_LENGTH} characters.`,
      })
      .refine((text) => !NOT_PRINTABLE.test(text), {
        error: 'Use letters, digits, punctuation and spaces only.',
      }),
  );

/** Returns the name, or the email address truncated to the length of a name. */
export const nameOrEmail = (name: string, email: string) => name || email.slice(0, MAX_NAME_LENGTH);

/** Null: may sign in, but sees only their own account. */
const roleSchema = z.enum(['settings_administrator', 'settings_viewer']).nullable();

export const inviteUserSchema = z.object({ email: emailSchema, role: roleSchema });

export const editUserSchema = z.object({
  id: z.uuid(),
  /** The version that the editor has loaded. */
  version: z.int().min(1),
  name: nameSchema,
  email: emailSchema,
  role: roleSchema,
  /** Whether the user may sign in. */
  active: z.boolean(),
});

export const userIdSchema = z.object({ id: z.uuid() });

/** A user and the version that the editor has loaded. */
export const userVersionSchema = userIdSchema.extend({ version: z.int().min(1) });

export type InviteUser = z.infer<typeof inviteUserSchema>;
export type EditUser = z.infer<typeof editUserSchema>;
export type UserId = z.infer<typeof userIdSchema>;
export type UserVersion = z.infer<typeof userVersionSchema>;

/**
 * The state of the latest invitation of a user who cannot sign in. `unsent`: its email was abandoned; `returned`: its email
 * bounced; `over`: its link has expired or was withdrawn. A user who accepted earlier is `unlinked`: no account at the
 * current provider is linked; or `no_way_in`: there is no provider.
 */
export type InvitationState = 'open' | 'unsent' | 'returned' | 'over' | 'unlinked' | 'no_way_in';

/** A user as the settings page shows them, without secrets. */
export type UserSummary = {
  id: string;
  /** Empty until an invited user enters it. */
  name: string;
  email: string;
  role: Role | null;
  active: boolean;
  version: number;
  /** Whether the user has no enabled sign-in method. */
  invited: boolean;
  /** Whether the user has ever had a password or a session. */
  accepted: boolean;
  /** Null if the user can sign in. */
  invitation: InvitationState | null;
  /** Whether the user has a passkey or an authenticator app. */
  secondFactor: boolean;
  /** The name of the OpenID provider; null if no account there is linked. */
  provider: string | null;
  /** Whether a claim sets the role on each single sign-on. */
  roleByClaim: boolean;
  lastSeenAt: Date | null;
};
