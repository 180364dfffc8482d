import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { parse } from 'uuid';
import { settings } from '#lib/platform/config/settings.ts';
import type { Assertion, RegistrationResponse } from './schema.ts';

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** What the browser needs to know about a stored credential. */
type StoredCredential = { credentialId: string; transports: string[] };

export type NewCredential = {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  isBackedUp: boolean;
};

/** How long the browser waits for the user. The challenge is valid for longer. */
const CLIENT_TIMEOUT_MS = 4 * 60 * 1_000;

/**
 * COSE algorithm identifiers of EdDSA, ES256 and RS256. The library's default also has ML-DSA, which is experimental in
 * Node.
 */
const ALGORITHMS = [-8, -7, -257];

/** Returns this installation as a WebAuthn relying party. */
function getRelyingParty() {
  const { publicUrl, organisationName } = settings();
  return { rpID: new URL(publicUrl).hostname, origin: publicUrl, rpName: organisationName };
}

const toDescriptors = (credentials: StoredCredential[]) =>
  credentials.map(({ credentialId, transports }) => ({ id: credentialId, transports }));

/** Random bytes for an authenticator to sign, in base64url. */
export type Challenge = string;

/**
 * Generates the options to create a passkey. It is discoverable, and verifies its user, so that it counts as two factors
 * (NIST SP 800-63B-4, 3.1.7). Excludes authenticators that have one of the existing passkeys.
 */
export async function generateCreationOptions(
  user: { userId: string; email: string; name: string },
  existing: StoredCredential[],
): Promise<CreationOptions> {
  const { rpID, rpName } = getRelyingParty();
  return generateRegistrationOptions({
    rpID,
    rpName,
    userID: new Uint8Array(parse(user.userId)),
    userName: user.email,
    userDisplayName: user.name,
    timeout: CLIENT_TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: toDescriptors(existing),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Generates the options to sign with one of the allowed passkeys, or with any passkey if the list is empty. */
export async function generateRequestOptions(allowed: StoredCredential[]): Promise<RequestOptions> {
  return generateAuthenticationOptions({
    rpID: getRelyingParty().rpID,
    timeout: CLIENT_TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: toDescriptors(allowed),
  });
}

/** Verifies the challenge, the origin and the user verification of a new credential; null if it is not valid. */
export async function verifyRegistration(
  response: RegistrationResponse,
  challenge: Challenge,
): Promise<NewCredential | null> {
  const { rpID, origin } = getRelyingParty();
  // The library throws on every invalid response; the caller needs no details.
  const verified = await verifyRegistrationResponse({
    response: {
      ...response,
      response: { ...response.response, transports: response.response.transports ?? [] },
    },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => null);
  if (!verified?.verified) return null;
  const { credential, credentialBackedUp: isBackedUp } = verified.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: response.response.transports ?? [],
    isBackedUp,
  };
}

/**
 * Verifies that this passkey signed this challenge for our origin, with user verification; null if not. If the
 * authenticator has a counter, it must have increased: otherwise the passkey may be a clone.
 */
export async function verifyAssertion(
  response: Assertion,
  challenge: Challenge,
  passkey: { credentialId: string; publicKey: Buffer; counter: number },
): Promise<{ counter: number; isBackedUp: boolean } | null> {
  const { rpID, origin } = getRelyingParty();
  const credential: WebAuthnCredential = {
    id: passkey.credentialId,
    publicKey: new Uint8Array(passkey.publicKey),
    counter: passkey.counter,
  };
  const { userHandle, ...signed } = response.response;
  const verified = await verifyAuthenticationResponse({
    response: { ...response, response: userHandle === undefined ? signed : { ...signed, userHandle } },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    credential,
    requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) return null;
  const { newCounter: counter, credentialBackedUp: isBackedUp } = verified.authenticationInfo;
  return { counter, isBackedUp };
}
