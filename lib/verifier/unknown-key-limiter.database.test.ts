import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { insertAccountWithKey, KEY_TAG, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';

const LIMIT = 20;

let db: TestDatabase;
let account: { key: string };

beforeAll(async () => {
  db = await createTestDatabase();
  account = await insertAccountWithKey(db.pool);
});
afterAll(() => db.drop());

async function startLimitedVerifier(verifierTrustedProxies = 0) {
  const verifier = await startTestVerifier(db.url, { unknownKeysPerMinute: LIMIT, verifierTrustedProxies });
  onTestFinished(() => verifier.close());
  return (key: string, forwardedFor?: string) =>
    requestVerifier(verifier.port, {
      headers: { 'X-API-Key': key, ...(forwardedFor ? { 'X-Forwarded-For': forwardedFor } : {}) },
    });
}

type Verify = Awaited<ReturnType<typeof startLimitedVerifier>>;
const tryUnknownKeys = (verify: Verify, times: number, forwardedFor?: string) =>
  Promise.all(Array.from({ length: times }, () => verify(generateKey(KEY_TAG), forwardedFor)));
const sortStatuses = (responses: { status: number }[]) => responses.map(({ status }) => status).toSorted();

describe('client that tries many different unknown keys', () => {
  it('gets 429 after the limit per minute', async () => {
    const verify = await startLimitedVerifier();
    const responses = await tryUnknownKeys(verify, LIMIT + 30);
    expect(sortStatuses(responses)).toEqual([...Array(LIMIT).fill(401), ...Array(30).fill(429)]);
    const rejected = responses.find(({ status }) => status === 429);
    expect(Number(rejected?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(rejected?.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(rejected?.body ?? '')).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(rejected?.headers).not.toHaveProperty('ratelimit');
  });

  it('gets 401 for a key that it has already tried, even over the limit', async () => {
    const verify = await startLimitedVerifier();
    const repeatedKey = generateKey(KEY_TAG);
    await verify(repeatedKey);
    await tryUnknownKeys(verify, LIMIT);
    expect(await verify(repeatedKey)).toMatchObject({ status: 401 });
  });

  it('does not affect valid keys from the same IP address', async () => {
    const verify = await startLimitedVerifier();
    await tryUnknownKeys(verify, LIMIT + 5);
    expect(await verify(account.key)).toMatchObject({ status: 200 });
  });

  it('is identified by the IP address that the trusted proxy saw, for IPv6 by its /64', async () => {
    const verify = await startLimitedVerifier(1);
    await tryUnknownKeys(verify, LIMIT, '192.0.2.1');
    expect(sortStatuses(await tryUnknownKeys(verify, 1, '192.0.2.1'))).toEqual([429]);
    expect(sortStatuses(await tryUnknownKeys(verify, 1, '198.51.100.7, 192.0.2.1'))).toEqual([429]);
    expect(sortStatuses(await tryUnknownKeys(verify, 1, '192.0.2.2'))).toEqual([401]);
    await tryUnknownKeys(verify, LIMIT, '2001:db8::1');
    expect(sortStatuses(await tryUnknownKeys(verify, 1, '2001:db8::ffff'))).toEqual([429]);
  });

  it.each([
    ['203.0.113.9:4711', '203.0.113.9', '203.0.113.10:4711'],
    ['::ffff:203.0.113.11', '203.0.113.11:80', '::ffff:203.0.113.12'],
    ['"[2001:db8:0:9::1]:443"', '2001:db8:0:9::2', '[2001:db8:0:a::1]:443'],
    ['64:ff9b::203.0.113.13', '203.0.113.13', '64:ff9b::203.0.113.14'],
  ])('is identified as %s as by %s, but not by %s', async (form, otherForm, otherAddress) => {
    const verify = await startLimitedVerifier(1);
    await tryUnknownKeys(verify, LIMIT, form);
    expect(sortStatuses(await tryUnknownKeys(verify, 1, otherForm))).toEqual([429]);
    expect(sortStatuses(await tryUnknownKeys(verify, 1, otherAddress))).toEqual([401]);
  });

  it('is identified by the IP address of the connection if no proxy is trusted', async () => {
    const verify = await startLimitedVerifier();
    await tryUnknownKeys(verify, LIMIT, '192.0.2.1');
    expect(sortStatuses(await tryUnknownKeys(verify, 1, '192.0.2.2'))).toEqual([429]);
  });
});

it('counts repeated use of an old key once, and never keys with a wrong checksum', async () => {
  const verify = await startLimitedVerifier();
  const oldKey = generateKey(KEY_TAG);
  const generateMistypedKey = () => generateKey(KEY_TAG).replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const responses = await Promise.all(
    Array.from({ length: 2 * LIMIT }, () => [verify(oldKey), verify(generateMistypedKey())]).flat(),
  );
  expect(new Set(sortStatuses(responses))).toEqual(new Set([401]));
});
