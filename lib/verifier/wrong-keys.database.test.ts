import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { KEY_TAG, type RequestOptions, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from './server.ts';

const REQUESTS = atScale({ normal: 40, soak: 20_000 });
/**
 * A larger t means that the times differ, according to dudect (Reparaz, Balasch and Verbauwhede, 2017). The normal size
 * has too few requests to compare times.
 */
const MAX_T = atScale({ normal: Number.POSITIVE_INFINITY, soak: 4.5 });
/** The share of fastest responses that is compared. Other programs delayed the slowest ones. */
const COMPARED_SHARE = 0.9;

let db: TestDatabase;
let verifier: Verifier;
let username: string;
let replacedKey: string;

beforeAll(async () => {
  db = await createTestDatabase();
  verifier = await startTestVerifier(db.url);
  const administrator = await createTestAdministrator(db.database);
  const account = await createTestAccount(db.database, administrator);
  username = account.username;
  replacedKey = await revealKey(db.database, account.id);
  const reset = await resetApiKey(db.database, administrator, { id: account.id });
  expect(reset.ok).toBe(true);
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});

/** Computes Welch's t of two samples: the distance of their means, in standard errors. */
function computeWelchT(one: number[], other: number[]): number {
  const mean = (sample: number[]) => sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = (sample: number[], centre: number) =>
    sample.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (sample.length - 1);
  const [m1, m2] = [mean(one), mean(other)];
  return (m1 - m2) / Math.sqrt(variance(one, m1) / one.length + variance(other, m2) / other.length);
}

const createBearerRequest = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
const createBasicRequest = (name: string) => ({
  headers: { Authorization: `Basic ${Buffer.from(`${name}:${generateKey(KEY_TAG)}`).toString('base64')}` },
});

describe('response to an invalid key', () => {
  it.each<[string, () => RequestOptions, () => RequestOptions]>([
    [
      'a replaced key and an unknown one',
      () => createBearerRequest(replacedKey),
      () => createBearerRequest(generateKey(KEY_TAG)),
    ],
    [
      'a known username and an unknown one',
      () => createBasicRequest(username),
      () => createBasicRequest(`${username.slice(0, -1)}~`),
    ],
  ])('does not distinguish %s', async (_, one, other) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const responses = new Set<string>();
    const measured: { side: 0 | 1; ms: number }[] = [];
    for (let sent = 0; sent < REQUESTS; sent += 1) {
      // Use a random order, so that other programs slow down both kinds equally.
      const side = Math.random() < 0.5 ? 0 : 1;
      const options = { ...(side === 0 ? one() : other()), agent };
      const startedAt = performance.now();
      const { status, headers, body } = await requestVerifier(verifier.port, options);
      measured.push({ side, ms: performance.now() - startedAt });
      responses.add(JSON.stringify([status, { ...headers, date: null }, body]));
    }
    agent.destroy();
    expect([...responses]).toHaveLength(1);
    expect([...responses][0]).toMatch(/^\[401,/);
    const slowestMs =
      measured.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(REQUESTS * COMPARED_SHARE)] ?? 0;
    const getTimes = (wanted: 0 | 1) =>
      measured.flatMap(({ side, ms }) => (side === wanted && ms < slowestMs ? [ms] : []));
    expect(Math.abs(computeWelchT(getTimes(0), getTimes(1)))).toBeLessThan(MAX_T);
  });
});
