import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { CreationOptions, RequestOptions } from '#lib/identity/mfa/passkeys.ts';
import { settings } from '#lib/platform/config/settings.ts';

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();

/** Encodes a CBOR head (RFC 8949): a major type, and a length or a value below 65,536. */
function encodeHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

type CborValue = number | string | Uint8Array | Map<number | string, CborValue>;

function encodeCbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? encodeHead(1, -1 - value) : encodeHead(0, value);
  if (typeof value === 'string')
    return Buffer.concat([encodeHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([encodeHead(2, value.length), value]);
  const entries = [...value].flatMap(([key, each]) => [encodeCbor(key), encodeCbor(each)]);
  return Buffer.concat([encodeHead(5, value.size), ...entries]);
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED_CREDENTIAL_DATA = 0x40;

/**
 * Parts of a response that differ from those of an honest authenticator. `verified`: whether it says that it verified
 * the user; `type`: the type in the client data.
 */
export type Forgery = { origin?: string; rpId?: string; verified?: boolean; type?: string };

/**
 * A software authenticator with one passkey (ES256, no attestation), according to WebAuthn Level 3.
 * Tests can have it forge parts of its responses.
 */
export class SoftAuthenticator {
  readonly #id = randomBytes(32);
  readonly #privateKey: KeyObject;
  readonly #publicKey: Map<number | string, CborValue>;
  #userHandle = '';
  counter = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#privateKey = privateKey;
    // A COSE key (RFC 9053): key type EC2, algorithm ES256, curve P-256, coordinates x and y.
    this.#publicKey = new Map<number | string, CborValue>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
  }

  get credentialId(): string {
    return this.#id.toString('base64url');
  }

  #buildClientData(type: string, challenge: string, { origin = settings().publicUrl, ...forged }: Forgery) {
    const data = { type: forged.type ?? type, challenge, origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data));
  }

  #buildAuthenticatorData(
    flags: number,
    { rpId, verified = true }: Forgery,
    attestedData = Buffer.alloc(0),
  ): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const host = rpId ?? new URL(settings().publicUrl).hostname;
    const allFlags = flags | USER_PRESENT | (verified ? USER_VERIFIED : 0);
    return Buffer.concat([sha256(host), Buffer.from([allFlags]), counter, attestedData]);
  }

  #describeCredential() {
    const id = this.credentialId;
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
  }

  /** Creates the passkey and returns the registration response. */
  register(options: CreationOptions, forged: Forgery = {}) {
    this.#userHandle = options.user.id;
    const length = Buffer.from([0, this.#id.length]);
    const unknownModelId = Buffer.alloc(16);
    const attested = Buffer.concat([unknownModelId, length, this.#id, encodeCbor(this.#publicKey)]);
    const attestation = new Map<number | string, CborValue>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', this.#buildAuthenticatorData(ATTESTED_CREDENTIAL_DATA, forged, attested)],
    ]);
    return {
      ...this.#describeCredential(),
      response: {
        clientDataJSON: this.#buildClientData('webauthn.create', options.challenge, forged).toString(
          'base64url',
        ),
        attestationObject: encodeCbor(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** Signs a challenge with the passkey and returns the authentication response. */
  sign(options: RequestOptions, forged: Forgery = {}) {
    this.counter += 1;
    const clientData = this.#buildClientData('webauthn.get', options.challenge, forged);
    const data = this.#buildAuthenticatorData(0, forged);
    return {
      ...this.#describeCredential(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', Buffer.concat([data, sha256(clientData)]), this.#privateKey).toString(
          'base64url',
        ),
        userHandle: this.#userHandle,
      },
    };
  }
}
