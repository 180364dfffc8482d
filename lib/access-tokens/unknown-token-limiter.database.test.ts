import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { requireAccessToken } from './require-access-token.ts';
import { UNKNOWN_TOKENS_PER_MINUTE } from './unknown-token-limiter.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

let addressCount = 0;
/** An IP address from which no request has come. */
let address: string;
beforeEach(() => {
  addressCount += 1;
  address = `192.0.2.${addressCount}`;
});

async function send(token: string, { from = address, database = db.database } = {}) {
  const headers = new Headers({ Authorization: `Bearer ${token}`, 'x-stagedoor-address': from });
  const result = await requireAccessToken({ headers }, 'accounts:read', { database });
  return result.ok ? new Response() : result.response;
}
const sendUnknown = (count: number, from?: string) =>
  Promise.all(
    Array.from({ length: count }, async () => (await send(generateKey('stagetok'), { from })).status),
  );
const countStatus = (statuses: number[], status: number) => statuses.filter((each) => each === status).length;

describe('requests with unknown access tokens', () => {
  it('get 429 over the limit, without a query', async () => {
    const queries = vi.spyOn(db.pool, 'query');
    const statuses = await sendUnknown(UNKNOWN_TOKENS_PER_MINUTE + 20);
    expect([countStatus(statuses, 401), countStatus(statuses, 429)]).toEqual([UNKNOWN_TOKENS_PER_MINUTE, 20]);
    expect(queries).toHaveBeenCalledTimes(UNKNOWN_TOKENS_PER_MINUTE);
    const response = await send(generateKey('stagetok'));
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await response.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
  });

  it('count by IPv4 address and by IPv6 /64, until a minute has passed', async () => {
    await sendUnknown(UNKNOWN_TOKENS_PER_MINUTE, '2001:db8::1');
    expect(await sendUnknown(1, '2001:db8::2')).toEqual([429]);
    expect(await sendUnknown(1, '2001:db8:0:1::1')).toEqual([401]);
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_001);
    expect(await sendUnknown(1, '2001:db8::2')).toEqual([401]);
  });

  it('do not make a valid token wait that was used before', async () => {
    const [used, unused] = [
      await createTestAccessToken(db.database, ['accounts:read']),
      await createTestAccessToken(db.database, ['accounts:read']),
    ];
    expect((await send(used.token)).status).toBe(200);
    await sendUnknown(UNKNOWN_TOKENS_PER_MINUTE);
    expect((await send(used.token)).status).toBe(200);
    expect((await send(unused.token)).status).toBe(429);
    expect((await send(unused.token, { from: '203.0.113.1' })).status).toBe(200);
  });

  it('are those with a token that was revoked after its use, too', async () => {
    const { id, token } = await createTestAccessToken(db.database, ['accounts:read']);
    expect((await send(token)).status).toBe(200);
    await db.pool.query(
      'update access_tokens set revoked_at = now(), revoked_by = created_by where id = $1',
      [id],
    );
    // The first of these is the lookup in which it is found to be invalid.
    for (let count = 0; count <= UNKNOWN_TOKENS_PER_MINUTE; count += 1)
      expect((await send(token)).status).toBe(401);
    expect((await send(token)).status).toBe(429);
  });
});

describe('requests with valid access tokens', () => {
  it('consume nothing, not even at the same time', async () => {
    const { token } = await createTestAccessToken(db.database, ['accounts:read']);
    const responses = await Promise.all(Array.from({ length: 30 }, () => send(token)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    const statuses = await sendUnknown(UNKNOWN_TOKENS_PER_MINUTE + 1);
    expect([countStatus(statuses, 401), countStatus(statuses, 429)]).toEqual([UNKNOWN_TOKENS_PER_MINUTE, 1]);
  });

  it('consume nothing while the database cannot be queried', async () => {
    const { pool, database, close } = connectDatabase(db.url);
    const failing = vi.spyOn(pool, 'query').mockRejectedValue(new Error('away') as never);
    for (let count = 0; count <= UNKNOWN_TOKENS_PER_MINUTE; count += 1)
      await expect(send(generateKey('stagetok'), { database })).rejects.toThrow();
    failing.mockRestore();
    expect((await send(generateKey('stagetok'), { database })).status).toBe(401);
    await close();
  });
});
