import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { CreationOptions, RequestOptions } from '#lib/identity/mfa/passkeys.ts';
import { settings } from '#lib/platform/config/settings.ts';

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();

/** Encodes a CBOR head (RFC 8949): a major type and a length or value. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, each]) => [encode(key), encode(each)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED_CREDENTIAL_DATA = 0x40;

export type Forgery = { origin?: string; rpId?: string; verified?: boolean; type?: string };

/**
 * A software authenticator with one passkey (ES256, no attestation), according to WebAuthn Level 3.
 * Tests can have it forge parts of its responses.
 */
export class SoftAuthenticator {
  readonly #id = randomBytes(32);
  readonly #key: KeyObject;
  readonly #point: Map<number | string, Cbor>;
  #userHandle = '';
  counter = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    this.#point = new Map<number | string, Cbor>([
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

  #clientData(type: string, challenge: string, { origin = settings().publicUrl, ...forged }: Forgery) {
    const data = { type: forged.type ?? type, challenge, origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data));
  }

  #authenticatorData(
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

  #credential() {
    const id = this.credentialId;
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
  }

  /** Creates the passkey and returns the registration response. */
  register(options: CreationOptions, forged: Forgery = {}) {
    this.#userHandle = options.user.id;
    const length = Buffer.from([0, this.#id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#id, encode(this.#point)]);
    const attestation = new Map<number | string, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', this.#authenticatorData(ATTESTED_CREDENTIAL_DATA, forged, attested)],
    ]);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options.challenge, forged).toString('base64url'),
        attestationObject: encode(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** Signs a challenge with the passkey and returns the authentication response. */
  sign(options: RequestOptions, forged: Forgery = {}) {
    this.counter += 1;
    const clientData = this.#clientData('webauthn.get', options.challenge, forged);
    const data = this.#authenticatorData(0, forged);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', Buffer.concat([data, sha256(clientData)]), this.#key).toString('base64url'),
        userHandle: this.#userHandle,
      },
    };
  }
}
