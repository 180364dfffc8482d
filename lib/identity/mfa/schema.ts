import { z } from 'zod';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { createNameSchema } from '#lib/platform/user-input/schema.ts';

const MAX_PASSKEY_NAME_LENGTH = 60;

/** Title of the dialog and the pages for re-authentication. */
export const REAUTH_TITLE = 'Confirm it’s you';

/** A factor that can follow a password. */
export type SecondFactor = 'totp' | 'passkey' | 'recovery';

/** A passkey as its owner sees it. */
export type PasskeyView = {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Whether a password manager or an account syncs it to other devices. */
  isBackedUp: boolean;
};

/** A user's password, passkeys, authenticator app and recovery codes, without secrets. */
export type FactorsView = {
  hasPassword: boolean;
  passkeys: PasskeyView[];
  /** When the authenticator app was set up; null if there is none. */
  totpSince: Date | null;
  recoveryCodesLeft: number;
  /** When the recovery codes were generated; null if there are none. */
  recoveryCodesSince: Date | null;
};

/** Creates a schema for base64url without padding (RFC 4648, section 5). */
const createBase64urlSchema = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\w-]+$/);
const credentialFields = {
  id: createBase64urlSchema(1_400),
  rawId: createBase64urlSchema(1_400),
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}),
};

/** Validates `AuthenticationResponseJSON` of WebAuthn Level 3. */
export const assertionSchema = z.object({
  ...credentialFields,
  response: z.object({
    clientDataJSON: createBase64urlSchema(4_000),
    authenticatorData: createBase64urlSchema(4_000),
    signature: createBase64urlSchema(6_000),
    userHandle: createBase64urlSchema(100).optional(),
  }),
});

/** Validates `RegistrationResponseJSON` of WebAuthn Level 3. */
const registrationResponseSchema = z.object({
  ...credentialFields,
  response: z.object({
    clientDataJSON: createBase64urlSchema(4_000),
    attestationObject: createBase64urlSchema(12_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});

export type Assertion = z.infer<typeof assertionSchema>;
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

export const passkeyNameSchema = createNameSchema(MAX_PASSKEY_NAME_LENGTH).pipe(
  z.string().min(1, { error: 'Enter a name, such as the device it’s on.' }),
);

export const addPasskeySchema = z.object({
  challengeId: z.uuid(),
  response: registrationResponseSchema,
  name: passkeyNameSchema,
});
export const renamePasskeySchema = z.object({ id: z.uuid(), name: passkeyNameSchema });
export const removePasskeySchema = z.object({ id: z.uuid() });
/** When the authenticator app that the user has seen was added. */
export const removeTotpSchema = z.object({ addedAt: z.iso.datetime().transform((text) => new Date(text)) });
/** When the recovery codes that the user knows of were generated; null if there were none. */
export const renewRecoveryCodesSchema = z.object({
  generatedAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .nullable(),
});
/** A code as typed or pasted, with anything around it. */
const typedCodeSchema = z.string().max(MAX_TYPED_LENGTH);
export const confirmTotpSchema = z.object({ code: typedCodeSchema });

/** Validates an assertion, and the id of the challenge that it signs. */
export const signedAssertionSchema = z.object({ challengeId: z.uuid(), response: assertionSchema });
export type SignedAssertion = z.infer<typeof signedAssertionSchema>;

/** Validates the input of a re-authentication. */
export const reauthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(256) }),
  z.object({ kind: z.literal('totp'), code: typedCodeSchema }),
  signedAssertionSchema.extend({ kind: z.literal('passkey') }),
]);
export type ReauthInput = z.infer<typeof reauthSchema>;

/** Validates the input of the second step of a sign-in. */
export const secondStepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('totp'), code: typedCodeSchema }),
  z.object({ kind: z.literal('recovery'), code: typedCodeSchema }),
  signedAssertionSchema.extend({ kind: z.literal('passkey') }),
]);
export type SecondStep = z.infer<typeof secondStepSchema>;
