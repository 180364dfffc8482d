import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/generate.ts';
import { accountWithKey, ask, KEY_TAG, startTestVerifier } from '#lib/testing/verifying.ts';

const MOST = 20;

let test: TestDatabase;
let account: { key: string };

beforeAll(async () => {
  test = await createTestDatabase();
  account = await accountWithKey(test.pool);
});
afterAll(() => test.drop());

async function startGuessed(verifierTrustedProxies = 0) {
  const verifier = await startTestVerifier(test.url, { unknownKeysPerMinute: MOST, verifierTrustedProxies });
  onTestFinished(() => verifier.close());
  return (key: string, forwardedFor?: string) =>
    ask(verifier.port, {
      headers: { 'X-API-Key': key, ...(forwardedFor ? { 'X-Forwarded-For': forwardedFor } : {}) },
    });
}

type Verify = Awaited<ReturnType<typeof startGuessed>>;
const guess = (verify: Verify, times: number, forwardedFor?: string) =>
  Promise.all(Array.from({ length: times }, () => verify(generateKey(KEY_TAG), forwardedFor)));
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted();

describe('whoever tries many different unknown keys', () => {
  it('is told to wait after so many a minute, whatever they are', async () => {
    const verify = await startGuessed();
    const answers = await guess(verify, MOST + 30);
    expect(statuses(answers)).toEqual([...Array(MOST).fill(401), ...Array(30).fill(429)]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(refused?.headers).not.toHaveProperty('ratelimit');
    const again = generateKey(KEY_TAG);
    const fresh = await startGuessed();
    await fresh(again);
    await guess(fresh, MOST);
    expect(await fresh(again)).toMatchObject({ status: 401 });
  });

  it('keeps nobody at the same address out whose key is good', async () => {
    const verify = await startGuessed();
    await guess(verify, MOST + 5);
    expect(await verify(account.key)).toMatchObject({ status: 200 });
  });

  it('is told apart by the address that the proxies in front have seen, and not by what the client says', async () => {
    const verify = await startGuessed(1);
    await guess(verify, MOST, '192.0.2.1');
    expect(statuses(await guess(verify, 1, '192.0.2.1'))).toEqual([429]);
    expect(statuses(await guess(verify, 1, '198.51.100.7, 192.0.2.1'))).toEqual([429]);
    expect(statuses(await guess(verify, 1, '192.0.2.2'))).toEqual([401]);
    await guess(verify, MOST, '2001:db8::1');
    expect(statuses(await guess(verify, 1, '2001:db8::ffff'))).toEqual([429]);
  });

  it('gains nothing by a forged header where no proxy is trusted', async () => {
    const verify = await startGuessed();
    await guess(verify, MOST, '192.0.2.1');
    expect(statuses(await guess(verify, 1, '192.0.2.2'))).toEqual([429]);
  });
});

it('does not take a website that goes on with its old key for a guesser, nor mistyped keys for guesses', async () => {
  const verify = await startGuessed();
  const old = generateKey(KEY_TAG);
  const mistyped = `${old.slice(0, -1)}${old.endsWith('0') ? '1' : '0'}`;
  const answers = await Promise.all(
    Array.from({ length: 2 * MOST }, () => [verify(old), verify(mistyped)]).flat(),
  );
  expect(new Set(statuses(answers))).toEqual(new Set([401]));
});
