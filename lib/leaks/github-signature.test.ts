import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settings } from '#lib/platform/config/settings.ts';
import { startGithubKeys } from '#lib/testing/github-keys.ts';
import { GithubKeys } from './github-keys.ts';
import { checkGithubSignature } from './github-signature.ts';

const BODY =
  '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]';
const MINUTE = 60_000;

let github: Awaited<ReturnType<typeof startGithubKeys>>;
beforeAll(async () => {
  github = await startGithubKeys();
});
afterAll(async () => {
  settings().githubKeysUrl = null;
  await github.close();
});
beforeEach(() => {
  settings().githubKeysUrl = github.url;
  github.publish(...github.published);
  Object.assign(github.state, { requests: 0, failure: null });
});

const check = (headers: Record<string, string>, body = BODY) =>
  checkGithubSignature(new Headers(headers), Buffer.from(body));

describe('checkGithubSignature', () => {
  it('accepts a signature of the raw body with a published key', async () => {
    expect(await check(github.sign(BODY))).toBe('valid');
    expect(await check(github.sign(BODY), `${BODY} `)).toBe('invalid');
    expect(await check(github.sign(`${BODY} `))).toBe('invalid');
  });

  it.each([
    ['no identifier', { 'github-public-key-identifier': '' }],
    ['an unknown key', { 'github-public-key-identifier': 'key-2' }],
    ['a malformed identifier', { 'github-public-key-identifier': '../x y' }],
    ['no signature', { 'github-public-key-signature': '' }],
    ['a malformed signature', { 'github-public-key-signature': 'x'.repeat(97) }],
    ['a signature in base64url', { 'github-public-key-signature': `${'-_'.repeat(40)}` }],
    ['bytes that are no signature', { 'github-public-key-signature': 'A'.repeat(96) }],
  ])('refuses %s', async (_, headers) => {
    expect(await check({ ...github.sign(BODY), ...headers })).toBe('invalid');
  });

  it('ignores signatures unless GITHUB_SECRET_SCANNING is set, and requests without one', async () => {
    expect(await check({})).toBe('none');
    settings().githubKeysUrl = null;
    expect(await check({ ...github.sign(BODY), 'github-public-key-signature': 'x' })).toBe('none');
  });
});

describe('GithubKeys', () => {
  let now = 0;
  const createKeys = () => new GithubKeys(github.url, () => now);

  it('fetches the keys once for concurrent requests, and again after an hour', async () => {
    const keys = createKeys();
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.find('key-1')));
    expect(found.every((key) => key?.asymmetricKeyType === 'ec')).toBe(true);
    now += 59 * MINUTE;
    await keys.find('key-1');
    expect(github.state.requests).toBe(1);
    now += 2 * MINUTE;
    await keys.find('key-1');
    expect(github.state.requests).toBe(2);
  });

  it('fetches them at most once a minute for unknown keys', async () => {
    const keys = createKeys();
    for (let index = 0; index < 10; index += 1) expect(await keys.find(`unknown-${index}`)).toBeUndefined();
    expect(github.state.requests).toBe(1);
    github.publish({ id: 'new', pem: github.published[0]?.pem ?? '' });
    now += MINUTE + 1;
    expect(await keys.find('new')).toBeDefined();
    expect(github.state.requests).toBe(2);
  });

  it.each([
    ['an error', { status: 500 }],
    ['a redirect', { status: 302, headers: { location: 'https://example.org/' } }],
    ['no JSON', { body: '<html>' }],
    ['another shape', { body: '{"public_keys":{}}' }],
    ['a response that is too large', { body: `{"public_keys":[],"x":"${'x'.repeat(70_000)}"}` }],
  ])('knows no key after %s, and tries again a minute later', async (_, failure) => {
    const keys = createKeys();
    github.state.failure = failure;
    expect(await keys.find('key-1')).toBeNull();
    expect(await keys.find('key-1')).toBeNull();
    expect(github.state.requests).toBe(1);
    github.state.failure = null;
    now += MINUTE + 1;
    expect(await keys.find('key-1')).toBeDefined();
    // The keys that are known stay in use while GitHub cannot be reached.
    github.state.failure = failure;
    now += 61 * MINUTE;
    expect(await keys.find('key-1')).toBeDefined();
    expect(await keys.find('new')).toBeNull();
    expect(github.state.requests).toBe(3);
  });

  it.each([
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ])('refuses a key of %s', async (_, generate) => {
    const pem = generate().publicKey.export({ type: 'spki', format: 'pem' }).toString();
    github.publish({ id: 'key-1', pem });
    expect(await createKeys().find('key-1')).toBeNull();
  });
});
