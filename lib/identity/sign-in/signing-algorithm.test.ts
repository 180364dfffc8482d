import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SsoError } from '#lib/identity/sso/errors.ts';
import type { SingleSignOn } from '#lib/platform/config/single-sign-on-settings.ts';
import { createOpenidProvider } from './openid-provider.ts';
import { SigningAlgorithmError } from './signing-algorithm.ts';

/** Loads the openid-client that next-auth uses. */
const requireFromNextAuth = createRequire(import.meta.resolve('next-auth'));
type OpenidClient = {
  Issuer: { discover(url: string): Promise<{ Client: new (metadata: object) => object }> };
};
const { Issuer } = requireFromNextAuth('openid-client') as OpenidClient;

const CLIENT = { client_id: 'stagedoor', client_secret: 'a secret that also could be the key of an HMAC' };
const NONCE = 'nonce';
const ACCESS_TOKEN = 'an access token';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_PAIRS = {
  RS: rsa,
  PS: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const ALL_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
];

function getKeyPair(algorithm: string) {
  const name = /^[RP]S/.test(algorithm) ? algorithm.slice(0, 2) : algorithm;
  return KEY_PAIRS[name as keyof typeof KEY_PAIRS];
}

function signBytes(algorithm: string, bytes: Buffer, key: KeyObject): Buffer {
  const hash = algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('PS')) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return sign(hash, bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
  }
  return sign(hash, bytes, algorithm.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' } : key);
}

/** Hashes an access token (OpenID Connect Core 1.0, section 3.1.3.6). */
function hashAccessToken(algorithm: string): string {
  const digest = createHash(algorithm === 'EdDSA' ? 'sha512' : `sha${algorithm.slice(2)}`)
    .update(ACCESS_TOKEN)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

const toBase64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function createIdToken(algorithm: string, claims: object): string {
  const signed = `${toBase64url({ alg: algorithm, kid: algorithm })}.${toBase64url(claims)}`;
  if (algorithm === 'none') return `${signed}.`;
  const signature = algorithm.startsWith('HS')
    ? createHmac(`sha${algorithm.slice(2)}`, CLIENT.client_secret)
        .update(signed)
        .digest()
    : signBytes(algorithm, Buffer.from(signed), getKeyPair(algorithm).privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

let issuer = '';
let announced: unknown;
let idToken = '';

/** A provider's discovery document, keys and token endpoint. */
const server = createServer((request, response) => {
  const documents: Record<string, () => object> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      jwks_uri: `${issuer}/keys`,
      token_endpoint: `${issuer}/token`,
      id_token_signing_alg_values_supported: announced,
    }),
    '/keys': () => ({
      keys: ALL_ALGORITHMS.map((alg) => ({
        ...getKeyPair(alg).publicKey.export({ format: 'jwk' }),
        ...{ kid: alg, alg, use: 'sig' },
      })),
    }),
    '/token': () => ({ access_token: ACCESS_TOKEN, token_type: 'Bearer', id_token: idToken }),
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(documents[request.url ?? '']?.() ?? {}));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
});
afterAll(() => void server.close());

type Exchange = { subject?: string; refusals: SsoError[]; error?: unknown };

/** Exchanges a code for an ID token as next-auth does, at a provider that announces these algorithms. */
async function exchangeCode(
  algorithm: string,
  {
    algorithms,
    claims = {},
    alter = (token) => token,
    parameters = () => ({ code: 'code' }),
  }: {
    algorithms: unknown;
    claims?: object;
    alter?: (token: string) => string;
    /** Returns the parameters of the callback's URL besides `state`. */
    parameters?: (token: string) => object;
  },
): Promise<Exchange> {
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  announced = algorithms;
  const now = Math.floor(Date.now() / 1000);
  const required = { iss: issuer, sub: randomUUID(), aud: CLIENT.client_id, exp: now + 60, iat: now };
  idToken = alter(createIdToken(algorithm, { ...required, nonce: NONCE, ...claims }));
  const settings: SingleSignOn = {
    provider: 'other',
    issuer,
    name: 'Example',
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    hostedDomain: null,
    roles: null,
  };
  const refusals: SsoError[] = [];
  const { token } = createOpenidProvider(settings, { onTokenRefused: (reason) => refusals.push(reason) });
  const { Client } = await Issuer.discover(issuer);
  const context = {
    client: new Client(CLIENT),
    provider: { callbackUrl: 'http://localhost/callback' },
    params: { ...parameters(idToken), state: 'state' },
    checks: { nonce: NONCE, state: 'state', code_verifier: 'verifier' },
  };
  const { request } = token as {
    request(context: object): Promise<{ tokens: { claims(): { sub: string } } }>;
  };
  return request(context).then(
    ({ tokens }) => ({ subject: tokens.claims().sub, refusals }),
    (error: unknown) => ({ refusals, error }),
  );
}

describe('ID token', () => {
  it.each(ALL_ALGORITHMS)('is accepted with %s if the provider announces it', async (algorithm) => {
    const { subject, error } = await exchangeCode(algorithm, {
      algorithms: ['RS256', algorithm],
      claims: { at_hash: hashAccessToken(algorithm) },
    });
    expect(error).toBeUndefined();
    expect(subject).toEqual(expect.any(String));
  });

  it('is accepted with RS256 if the provider announces no algorithm', async () => {
    expect((await exchangeCode('RS256', { algorithms: undefined })).error).toBeUndefined();
  });

  it.each([
    ['ES256', ['RS256']],
    ['ES256', undefined],
    ['HS256', ['RS256', 'HS256']],
    ['none', ['RS256', 'none']],
    ['none', ['none']],
    ['RS256', []],
    ['ES256', 'ES256'],
    ['RS256', ['ES256', 'rs256']],
  ])('is refused with %s if the provider announces %j', async (algorithm, algorithms) => {
    const { error, refusals } = await exchangeCode(algorithm, { algorithms });
    expect(error).toBeInstanceOf(SigningAlgorithmError);
    expect((error as Error).message).toContain(
      `signed with "${algorithm}". Set the ID token signing algorithm`,
    );
    expect(refusals).toEqual(['unsupported_algorithm']);
  });

  it.each([
    undefined,
    null,
    'None',
    'rs256',
    'RS256 ',
    ['RS256'],
    { RS256: true },
    'toString',
    '__proto__',
    'RSA-OAEP',
  ])('is refused if its header says %j', async (alg) => {
    const { error, refusals } = await exchangeCode('RS256', {
      algorithms: ['RS256', alg],
      alter: (token) => token.replace(/^[^.]+/, toBase64url({ alg, kid: 'RS256' })),
    });
    expect(error).toBeInstanceOf(SigningAlgorithmError);
    expect(refusals).toEqual(['unsupported_algorithm']);
  });

  it('is refused if the public key was used as the key of an HMAC, or the header contains its own key', async () => {
    const { publicKey } = rsa;
    const { privateKey: ownKey, publicKey: ownPublicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
    });
    const replaceSignature = (token: string, header: object, signBody: (body: string) => Buffer) => {
      const body = `${toBase64url(header)}.${token.split('.')[1]}`;
      return `${body}.${signBody(body).toString('base64url')}`;
    };
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    const algorithms = ['RS256', 'HS256'];
    const withHmac = await exchangeCode('RS256', {
      algorithms,
      alter: (token) =>
        replaceSignature(token, { alg: 'HS256', kid: 'RS256' }, (body) =>
          createHmac('sha256', pem).update(body).digest(),
        ),
    });
    expect(withHmac.error).toBeInstanceOf(SigningAlgorithmError);
    const jwk = ownPublicKey.export({ format: 'jwk' });
    const withOwnKey = await exchangeCode('RS256', {
      algorithms,
      alter: (token) =>
        replaceSignature(token, { alg: 'RS256', kid: 'RS256', jwk }, (body) =>
          signBytes('RS256', Buffer.from(body), ownKey),
        ),
    });
    expect((withOwnKey.error as Error).message).toContain('failed to validate JWT signature');
  });

  it.each([
    ['alone', (token: string) => ({ id_token: token })],
    ['with an access token', (token: string) => ({ id_token: token, access_token: ACCESS_TOKEN })],
    ['as a signed response', (token: string) => ({ response: token })],
  ])('is ignored in the URL of the callback, %s', async (_, parameters) => {
    const { subject, error, refusals } = await exchangeCode('ES256', {
      algorithms: ['ES256'],
      claims: { at_hash: hashAccessToken('ES256'), state: 'state' },
      parameters,
    });
    expect(subject).toBeUndefined();
    expect((error as Error).message).toBe('code missing from response');
    expect(refusals).toEqual([]);
  });

  it('with a refused algorithm is ignored in the URL of the callback, beside a code', async () => {
    const { subject, refusals } = await exchangeCode('ES256', {
      algorithms: ['ES256'],
      parameters: () => ({ code: 'code', id_token: createIdToken('none', {}) }),
    });
    expect(subject).toEqual(expect.any(String));
    expect(refusals).toEqual([]);
  });

  it.each(ALL_ALGORITHMS)('is refused with %s if its signature is wrong', async (algorithm) => {
    const alterSignature = (token: string) =>
      token.replace(/\.([^.])([^.]*)$/, (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`);
    const { error, refusals } = await exchangeCode(algorithm, {
      algorithms: [algorithm],
      alter: alterSignature,
    });
    expect((error as Error).message).toContain('failed to validate JWT signature');
    expect(refusals).toEqual([]);
  });

  it('is refused with a wrong nonce', async () => {
    const { error, refusals } = await exchangeCode('ES256', {
      algorithms: ['ES256'],
      claims: { nonce: 'another' },
    });
    expect((error as Error).message).toContain('nonce mismatch');
    expect(refusals).toEqual([]);
  });

  it('is refused for two clients without the claim azp, which is named', async () => {
    const { refusals } = await exchangeCode('ES256', {
      algorithms: ['ES256'],
      claims: { aud: [CLIENT.client_id, 'another client'] },
    });
    expect(refusals).toEqual(['missing_azp']);
  });

  it.each(['sub', 'iss', 'aud', 'exp', 'iat', 'nonce'])(
    'is refused without the claim %s, which is named',
    async (claim) => {
      const exchange = await exchangeCode('ES256', {
        algorithms: ['ES256'],
        claims: { [claim]: undefined },
      });
      expect(exchange.refusals).toEqual([`missing_${claim}`]);
      expect(exchange.error).toBeDefined();
    },
  );
});
