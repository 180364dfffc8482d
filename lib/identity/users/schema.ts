import { z } from 'zod';
import type { Role } from '#lib/platform/authorization/roles.ts';

/** How many characters a name has at most. */
export const NAME_MAX = 100;
/** Control, format, private and unassigned characters, and line ends. */
const NOT_PRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const emailSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter an email address.' })
  .max(254, { error: 'This email address is too long.' })
  .pipe(z.email({ error: 'Enter an email address in full, such as name@example.com.' }));

/** Somebody's name, wherever it is given. May be empty: whoever was invited gives theirs themselves. */
export const nameSchema = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .refine((text) => [...text].length <= NAME_MAX, { error: `Use at most ${NAME_MAX} characters.` })
      .refine((text) => !NOT_PRINTABLE.test(text), {
        error: 'Use letters, digits, punctuation and spaces only.',
      }),
  );

/** What stands for a name where somebody has given none: their address, as far as a name may be long. */
export const nameOr = (name: string, email: string) => name || email.slice(0, NAME_MAX);

/** Null: may sign in, and sees nothing but their own account. */
const roleSchema = z.enum(['settings_administrator', 'settings_viewer']).nullable();

export const inviteUserSchema = z.object({ email: emailSchema, role: roleSchema });

export const editUserSchema = z.object({
  id: z.uuid(),
  /** What the editor saw when it was opened. */
  version: z.int().min(1),
  name: nameSchema,
  email: emailSchema,
  role: roleSchema,
  /** May sign in. */
  active: z.boolean(),
});

export const userIdSchema = z.object({ id: z.uuid() });

/** Somebody as an editor saw them when it was opened. */
export const seenUserSchema = userIdSchema.extend({ version: z.int().min(1) });

export type InviteUser = z.infer<typeof inviteUserSchema>;
export type EditUser = z.infer<typeof editUserSchema>;
export type UserId = z.infer<typeof userIdSchema>;
export type SeenUser = z.infer<typeof seenUserSchema>;

/**
 * How it stands with the newest invitation of somebody who cannot sign in. `unsent`: its email was given up; `returned`:
 * it came back; `over`: its link is too old, or was withdrawn; whoever has accepted before needs none, but is `unlinked`
 * with any account at the present provider, or has `no_way_in` where there is no provider.
 */
export type InvitationState = 'open' | 'unsent' | 'returned' | 'over' | 'unlinked' | 'no_way_in';

/** A user as the settings may see them: no hash, no secret, no column that is not named here. */
export type UserSummary = {
  id: string;
  /** Empty while somebody who was invited has not given it. */
  name: string;
  email: string;
  role: Role | null;
  active: boolean;
  version: number;
  /** They have neither a password nor an account at a provider to sign in with at present. */
  invited: boolean;
  /** They have had either, or were signed in, whatever they have now. */
  accepted: boolean;
  /** Null where they can sign in. */
  invitation: InvitationState | null;
  /** They have a passkey or an authenticator app. */
  secondFactor: boolean;
  /** The OpenID provider where they sign in, by its name; null where no account there is linked with them. */
  provider: string | null;
  /** Their role is the one that a claim gives them there, each time that they sign in. */
  roleByClaim: boolean;
  lastSeenAt: Date | null;
};
