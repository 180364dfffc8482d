import { z } from 'zod';
import { MAX_PASSKEY_NAME_LENGTH } from './limits.ts';

/** A factor that can be asked for after a password. */
export type SecondFactor = 'totp' | 'passkey' | 'recovery';

/** A passkey as its owner may see it. */
export type PasskeyView = {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Kept by a password manager or an account, so that it is on several devices. */
  backedUp: boolean;
};

/** What a person proves who they are with: nothing in it is a secret. */
export type FactorsView = {
  password: boolean;
  passkeys: PasskeyView[];
  /** Since when there is an authenticator app; null: there is none. */
  totpSince: Date | null;
  recoveryCodesLeft: number;
};

/** Base64 in the alphabet of URLs, without padding (RFC 4648, section 5). */
const base64url = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\w-]+$/);
const credential = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}),
};

/** What a browser says when an authenticator has signed: AuthenticationResponseJSON of WebAuthn Level 3. */
export const assertionSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    authenticatorData: base64url(4_000),
    signature: base64url(6_000),
    userHandle: base64url(100).optional(),
  }),
});

/** What a browser says when an authenticator has made a passkey: RegistrationResponseJSON. */
const attestationSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    attestationObject: base64url(12_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});

export type Assertion = z.infer<typeof assertionSchema>;
export type Attestation = z.infer<typeof attestationSchema>;

/** Control characters, NUL among them, and halves of a surrogate pair: a database's text cannot hold them all. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

export const passkeyNameSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter a name, such as the device that it is on.' })
  .max(MAX_PASSKEY_NAME_LENGTH, { error: `Use at most ${MAX_PASSKEY_NAME_LENGTH} characters.` })
  .refine((name) => !UNFIT.test(name), {
    error: 'The name has characters that cannot be shown. Type it anew instead of pasting it.',
  });

export const addPasskeySchema = z.object({
  challengeId: z.uuid(),
  response: attestationSchema,
  name: passkeyNameSchema,
});
export const renamePasskeySchema = z.object({ id: z.uuid(), name: passkeyNameSchema });
export const removePasskeySchema = z.object({ id: z.uuid() });
export const confirmTotpSchema = z.object({ code: z.string().max(50) });

/** Which challenge was signed, and how. */
export const signedSchema = z.object({ challengeId: z.uuid(), response: assertionSchema });
export type Signed = z.infer<typeof signedSchema>;

/** A fresh proof of who somebody is, of a kind that they have. */
export const reauthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(256) }),
  z.object({ kind: z.literal('totp'), code: z.string().max(50) }),
  signedSchema.extend({ kind: z.literal('passkey') }),
]);
export type ReauthInput = z.infer<typeof reauthSchema>;

/** What is asked for after a password. */
export const secondStepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('totp'), code: z.string().max(50) }),
  z.object({ kind: z.literal('recovery'), code: z.string().max(50) }),
  signedSchema.extend({ kind: z.literal('passkey') }),
]);
export type SecondStep = z.infer<typeof secondStepSchema>;

/** The code of an authenticator app as people type and paste it (`123 456`) as six digits, or null. */
export function readTotpCode(text: string): string | null {
  const digits = text.replace(/[\s\u2010-\u2015-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}

const MISREAD: Record<string, string> = { 0: 'O', 1: 'I', 8: 'B' };

/** A recovery code as it is typed, in any case and grouping, as 16 characters of base32; null where it is none. */
export function readRecoveryCode(text: string): string | null {
  const letters = text.replace(/[\s\u2010-\u2015-]/g, '').toUpperCase();
  const code = letters.replace(/[018]/g, (digit) => MISREAD[digit] ?? digit);
  return /^[A-Z2-7]{16}$/.test(code) ? code : null;
}
