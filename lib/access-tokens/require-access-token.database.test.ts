import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { createTestAccessToken, createTokenRequest, TOKEN_IP_ADDRESS } from '#lib/testing/access-tokens.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { requireAccessToken, respondInvalidToken } from './require-access-token.ts';
import { revokeAccessToken } from './revoke.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const check = (headers: Record<string, string>) =>
  requireAccessToken({ headers: new Headers(headers) }, 'accounts:read', { database: db.database });
const checkToken = (token: string) =>
  requireAccessToken(createTokenRequest(token), 'accounts:read', { database: db.database });

/** Returns everything that a client sees of a response. */
async function readResponse(result: Awaited<ReturnType<typeof check>>) {
  if (result.ok) throw new Error('allowed');
  const { status, headers } = result.response;
  return { status, headers: Object.fromEntries(headers), body: await result.response.json() };
}

const UNAUTHORIZED = {
  status: 401,
  headers: {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'www-authenticate': 'Bearer realm="Stagedoor"',
  },
  body: {
    type: 'urn:stagedoor:problem:invalid_token',
    title: 'The access token is missing or not valid.',
    status: 401,
    code: 'invalid_token',
  },
};

describe('requireAccessToken', () => {
  it('returns the token as the actor, with its IP address and what is left of its rate limit', async () => {
    const { id, token, name } = await createTestAccessToken(db.database, ['accounts:read', 'audit:read']);
    expect(await checkToken(token)).toEqual({
      ok: true,
      actor: {
        accessTokenId: id,
        name,
        scopes: ['accounts:read', 'audit:read'],
        ipAddress: TOKEN_IP_ADDRESS,
        hasRecentAuth: true,
      },
      rateLimit: { limit: 600, windowSeconds: 60, remaining: 599, resetSeconds: 60 },
    });
  });

  it('responds alike to a missing, malformed, unknown, expired and revoked token', async () => {
    const expired = await createTestAccessToken(db.database, ['accounts:read']);
    await db.pool.query(
      "update access_tokens set created_at = now() - interval '1 day', expires_at = now() - interval '1 second' where id = $1",
      [expired.id],
    );
    const revoked = await createTestAccessToken(db.database, ['accounts:read']);
    await revokeAccessToken(db.database, await createTestAdministrator(db.database), revoked);
    const { token } = await createTestAccessToken(db.database, ['accounts:read']);
    const calls: Record<string, Record<string, string>> = {
      'no header': {},
      'an empty header': { Authorization: '' },
      'another scheme': { Authorization: `Basic ${btoa(`x:${token}`)}` },
      'no scheme': { Authorization: token },
      'a mistyped token': { Authorization: `Bearer ${token.slice(0, -1)}?` },
      'a changed character': {
        Authorization: `Bearer ${token.slice(0, 20)}${token[20] === 'a' ? 'b' : 'a'}${token.slice(21)}`,
      },
      'an API key': { Authorization: `Bearer ${generateKey('stagekey')}` },
      'two tokens': { Authorization: `Bearer ${token}, Bearer ${token}` },
      'a cookie': { Cookie: `access_token=${token}; Authorization=Bearer ${token}` },
      'another header': { 'X-API-Key': token },
      'an unknown token': { Authorization: `Bearer ${generateKey('stagetok')}` },
      'an expired token': { Authorization: `Bearer ${expired.token}` },
      'a revoked token': { Authorization: `Bearer ${revoked.token}` },
    };
    for (const [name, headers] of Object.entries(calls))
      expect(await readResponse(await check(headers)), name).toEqual(UNAUTHORIZED);
    // The response to a token that was revoked after its request had begun.
    expect(await readResponse({ ok: false, response: respondInvalidToken() })).toEqual(UNAUTHORIZED);
    expect(await check({ authorization: `bearer  ${token}` })).toMatchObject({ ok: true });
  });

  it('queries the database for no malformed token, and refuses a well-formed one without it', async () => {
    const dropped = await createTestDatabase();
    await dropped.drop();
    const checkWithout = (token: string) =>
      requireAccessToken(createTokenRequest(token), 'accounts:read', { database: dropped.database });
    for (const token of ['', 'stagetok', generateKey('stagekey'), `${generateKey('stagetok').slice(0, -1)}-`])
      expect(await checkWithout(token), token).toMatchObject({ ok: false });
    await expect(checkWithout(generateKey('stagetok'))).rejects.toThrow();
  });

  it('refuses a token without the scope, and records that at most 20 times an hour', async () => {
    const { id, token } = await createTestAccessToken(db.database, ['accounts:read']);
    const results = [];
    for (let call = 0; call < 22; call += 1)
      results.push(
        await requireAccessToken(createTokenRequest(token), 'accounts:write', { database: db.database }),
      );
    const [first] = results;
    expect(results.every(({ ok }) => !ok)).toBe(true);
    expect(first && (await readResponse(first as Awaited<ReturnType<typeof check>>))).toMatchObject({
      status: 403,
      headers: {
        'www-authenticate': 'Bearer realm="Stagedoor", error="insufficient_scope", scope="accounts:write"',
        ratelimit: '"minute";r=599;t=60',
      },
      body: { code: 'insufficient_scope', detail: 'Use an access token with the scope accounts:write.' },
    });
    const { rows } = await db.pool.query(
      'select action, outcome, user_id, address, details from audit_events where access_token_id = $1',
      [id],
    );
    expect(rows).toHaveLength(20);
    expect(rows[0]).toEqual({
      action: 'request.refused',
      outcome: 'refused',
      user_id: null,
      address: TOKEN_IP_ADDRESS,
      details: { scope: 'accounts:write' },
    });
  });

  it('limits the requests of each token, and says when to try again', async () => {
    const [first, second] = [
      await createTestAccessToken(db.database, ['accounts:read']),
      await createTestAccessToken(db.database, ['accounts:read']),
    ];
    const limit = { name: 'access-token', points: 2, seconds: 60 };
    const checkLimited = (token: string) =>
      requireAccessToken(createTokenRequest(token), 'accounts:read', { database: db.database, limit });
    const remaining = [];
    for (let call = 0; call < 2; call += 1) {
      const result = await checkLimited(first.token);
      remaining.push(result.ok && result.rateLimit.remaining);
    }
    expect(remaining).toEqual([1, 0]);
    // The second refusal is remembered, so it costs no query for the limit.
    for (let call = 0; call < 2; call += 1) {
      const { status, headers, body } = await readResponse(await checkLimited(first.token));
      expect(status).toBe(429);
      expect(body).toMatchObject({ code: 'too_many_requests', status: 429 });
      expect(headers).toMatchObject({
        'retry-after': expect.stringMatching(/^(59|60)$/),
        'ratelimit-policy': '"minute";q=2;w=60',
        ratelimit: expect.stringMatching(/^"minute";r=0;t=(59|60)$/),
      });
    }
    expect(await checkLimited(second.token)).toMatchObject({ ok: true });
  });

  it('writes when and from where a token was used, at most once a minute', async () => {
    const { id, token } = await createTestAccessToken(db.database, ['accounts:read']);
    const read = async () => {
      const query = 'select last_used_at, last_ip_address, xmin from access_tokens where id = $1';
      return (await db.pool.query(query, [id])).rows[0];
    };
    await Promise.all(Array.from({ length: 10 }, () => checkToken(token)));
    const first = await read();
    expect(first).toMatchObject({ last_used_at: expect.any(Date), last_ip_address: TOKEN_IP_ADDRESS });
    await checkToken(token);
    expect(await read()).toEqual(first);
    await db.pool.query(
      "update access_tokens set last_used_at = now() - interval '61 seconds' where id = $1",
      [id],
    );
    await checkToken(token);
    expect((await read()).last_used_at.getTime()).toBeGreaterThanOrEqual(first.last_used_at.getTime());
  });

  it('logs refusals without the token', async () => {
    const { token } = await createTestAccessToken(db.database, ['audit:read']);
    await checkToken(token);
    await check({ Authorization: `Bearer ${generateKey('stagetok')}` });
    const output = String(vi.mocked(process.stderr.write).mock.calls);
    expect(output).toContain('insufficient_scope');
    expect(output).not.toContain('stagetok');
  });
});
