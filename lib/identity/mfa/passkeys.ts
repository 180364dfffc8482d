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
import type { Assertion, Attestation } from './schema.ts';

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** A credential that a browser is told of. */
type Known = { credentialId: string; transports: string[] };

export type NewCredential = {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  backedUp: boolean;
};

/** Milliseconds that a browser waits for the person; the challenge itself lasts longer. */
const PATIENCE = 4 * 60 * 1_000;

/**
 * EdDSA, ES256 and RS256, by their COSE numbers: what authenticators sign with. By itself the library offers ML-DSA
 * too, which Node has as an experiment only.
 */
const ALGORITHMS = [-8, -7, -257];

/** Whose passkeys these are: this installation's, by the address that people know it under. */
function relyingParty() {
  const { publicUrl, organisationName } = settings();
  return { rpID: new URL(publicUrl).hostname, origin: publicUrl, rpName: organisationName };
}

const described = (known: Known[]) =>
  known.map(({ credentialId, transports }) => ({ id: credentialId, transports }));

/** Something random for an authenticator to sign, as it is kept: base64url. */
export type Challenge = string;

/**
 * What a browser needs to make a passkey: one that is found without a username and that verifies its owner (by a PIN,
 * a finger or a face), so that it is two factors in one (NIST SP 800-63B-4, 3.1.7), on no authenticator that has
 * one already.
 */
export async function creationOptions(
  person: { userId: string; email: string; name: string },
  present: Known[],
): Promise<CreationOptions> {
  const { rpID, rpName } = relyingParty();
  return generateRegistrationOptions({
    rpID,
    rpName,
    userID: new Uint8Array(parse(person.userId)),
    userName: person.email,
    userDisplayName: person.name,
    timeout: PATIENCE,
    attestationType: 'none',
    excludeCredentials: described(present),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What a browser needs to sign with a passkey. `allowed`: one of these; empty: whichever the person chooses. */
export async function requestOptions(allowed: Known[]): Promise<RequestOptions> {
  return generateAuthenticationOptions({
    rpID: relyingParty().rpID,
    timeout: PATIENCE,
    userVerification: 'required',
    allowCredentials: described(allowed),
  });
}

/** The credential that an authenticator has made for this challenge, on a page of ours; null where it is not that. */
export async function readAttestation(
  response: Attestation,
  challenge: Challenge,
): Promise<NewCredential | null> {
  const { rpID, origin } = relyingParty();
  // Whatever is wrong with what a browser sends, the library throws; all of it is one answer.
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
  const { credential, credentialBackedUp: backedUp } = verified.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: response.response.transports ?? [],
    backedUp,
  };
}

/**
 * Whether this passkey has signed this challenge on a page of ours, after verifying its owner. The counter, where the
 * authenticator has one, must have gone up: one that has not tells of a copy.
 */
export async function readAssertion(
  response: Assertion,
  challenge: Challenge,
  passkey: { credentialId: string; publicKey: Buffer; counter: number },
): Promise<{ counter: number; backedUp: boolean } | null> {
  const { rpID, origin } = relyingParty();
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
  const { newCounter: counter, credentialBackedUp: backedUp } = verified.authenticationInfo;
  return { counter, backedUp };
}
