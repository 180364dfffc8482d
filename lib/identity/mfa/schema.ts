import { z } from 'zod';
import { describeMaxLength, HIDDEN_CHARACTERS } from '#lib/identity/users/schema.ts';

const MAX_PASSKEY_NAME_LENGTH = 60;

/** Title of the dialog and of the pages that re-authenticate a user. */
export const REAUTH_TITLE = 'Confirm it’s you';

/** A factor that can follow a password. */
export type SecondFactor = 'totp' | 'passkey' | 'recovery';

/** A passkey as its owner sees it. */
export type PasskeyView = {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Synced to other devices by a password manager or an account. */
  backedUp: boolean;
};

/** What a user can authenticate with, without secrets. */
export type FactorsView = {
  password: boolean;
  passkeys: PasskeyView[];
  /** When the authenticator app was set up; null: never. */
  totpSince: Date | null;
  recoveryCodesLeft: number;
};

/** Base64url without padding (RFC 4648, section 5). */
const base64url = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\w-]+$/);
const credential = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}),
};

/** Validates `AuthenticationResponseJSON` of WebAuthn Level 3. */
export const assertionSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    authenticatorData: base64url(4_000),
    signature: base64url(6_000),
    userHandle: base64url(100).optional(),
  }),
});

/** Validates `RegistrationResponseJSON` of WebAuthn Level 3. */
const registrationResponseSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    attestationObject: base64url(12_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});

export type Assertion = z.infer<typeof assertionSchema>;
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

/** Control characters and lone surrogates; PostgreSQL cannot store all of them. */
const NOT_STORABLE = /[\p{Cc}\p{Cs}]/u;

export const passkeyNameSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter a name, such as the device it’s on.' })
  .max(MAX_PASSKEY_NAME_LENGTH, { error: describeMaxLength(MAX_PASSKEY_NAME_LENGTH) })
  .refine((name) => !NOT_STORABLE.test(name), { error: HIDDEN_CHARACTERS });

export const addPasskeySchema = z.object({
  challengeId: z.uuid(),
  response: registrationResponseSchema,
  name: passkeyNameSchema,
});
export const renamePasskeySchema = z.object({ id: z.uuid(), name: passkeyNameSchema });
export const removePasskeySchema = z.object({ id: z.uuid() });
export const confirmTotpSchema = z.object({ code: z.string().max(50) });

/** An assertion and the challenge that it signs. */
export const signedSchema = z.object({ challengeId: z.uuid(), response: assertionSchema });
export type SignedAssertion = z.infer<typeof signedSchema>;

/** Input of a re-authentication. */
export const reauthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(256) }),
  z.object({ kind: z.literal('totp'), code: z.string().max(50) }),
  signedSchema.extend({ kind: z.literal('passkey') }),
]);
export type ReauthInput = z.infer<typeof reauthSchema>;

/** Input of the second step of a sign-in. */
export const secondStepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('totp'), code: z.string().max(50) }),
  z.object({ kind: z.literal('recovery'), code: z.string().max(50) }),
  signedSchema.extend({ kind: z.literal('passkey') }),
]);
export type SecondStep = z.infer<typeof secondStepSchema>;

/** Parses an authenticator code as typed or pasted (`123 456`) into six digits; null if it is malformed. */
export function parseTotpCode(text: string): string | null {
  const digits = text.replace(/[\s\u2010-\u2015-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}

const SIMILAR_LETTERS: Record<string, string> = { 0: 'O', 1: 'I', 8: 'B' };

/** Parses a recovery code in any case and grouping into 16 base32 characters; null if it is malformed. */
export function parseRecoveryCode(text: string): string | null {
  const typed = text.replace(/[\s\u2010-\u2015-]/g, '').toUpperCase();
  const code = typed.replace(/[018]/g, (digit) => SIMILAR_LETTERS[digit] ?? digit);
  return /^[A-Z2-7]{16}$/.test(code) ? code : null;
}
