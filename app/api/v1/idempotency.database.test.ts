import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteExpiredResponses } from '#lib/management-api/idempotency.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { findTablesWith } from '#lib/testing/find-tables-with.ts';
import { callApi, createApiDatabase } from '#lib/testing/management-api.ts';

const ACCOUNTS = '/api/v1/api-accounts';

let db: Awaited<ReturnType<typeof createApiDatabase>>;
let token: string;

beforeAll(async () => {
  db = await createApiDatabase();
  token = (await createTestAccessToken(db.database, ['accounts:write', 'accounts:read'])).token;
});
afterAll(() => db.close());

const post = (key: string | undefined, body: unknown, path = ACCOUNTS, by = token) =>
  callApi('POST', path, {
    token: by,
    body,
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });

const createBody = (username: string, email = 'it@example.com') => ({
  username,
  email,
  phone: '+447894123456',
});

async function countRows(table: string): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count from ${table}`);
  return rows[0].count;
}

describe('Idempotency-Key', () => {
  it('carries out 50 concurrent identical requests once, and sends each the same response', async () => {
    const before = { accounts: await countRows('api_accounts'), messages: await countRows('messages') };
    const body = createBody('Concurrent');
    const responses = await Promise.all(Array.from({ length: 50 }, () => post('concurrent-key', body)));
    expect(new Set(responses.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(responses[0]?.status).toBe(201);
    const replayed = responses.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replayed).toHaveLength(49);
    expect(await countRows('api_accounts')).toBe(before.accounts + 1);
    expect(await countRows('messages')).toBe(before.messages + 2);
    const location = responses[0]?.headers.get('location');
    for (const { headers } of responses) expect(headers.get('location')).toBe(location);
  });

  it('repeats a response byte for byte, also after the account has changed', async () => {
    const first = await post('repeat', createBody('Repeated'));
    await callApi('PATCH', `${ACCOUNTS}/${first.json.id}`, { token, body: { notes: 'Changed' } });
    const second = await post('repeat', createBody('Repeated'));
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  });

  it('refuses the key of another body or another path', async () => {
    const { json } = await post('once', createBody('Once'));
    for (const [body, path] of [
      [createBody('Once', 'other@example.com'), ACCOUNTS],
      [createBody('Twice'), ACCOUNTS],
      [{}, `${ACCOUNTS}/${json.id}/reset-key`],
    ] as const) {
      const { status, json: problem } = await post('once', body, path);
      expect([status, problem.code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  it('belongs to one access token', async () => {
    const other = await createTestAccessToken(db.database, ['accounts:write']);
    expect((await post('shared', createBody('Mine'))).status).toBe(201);
    expect((await post('shared', createBody('Theirs'), ACCOUNTS, other.token)).status).toBe(201);
  });

  it('does not store a refused request, so that it can be corrected', async () => {
    expect((await post('corrected', createBody('Corrected', 'it'))).status).toBe(422);
    // The use case refuses this one, the schema the other.
    expect((await post('corrected', createBody('Concurrent'))).status).toBe(422);
    expect((await post('corrected', createBody('Corrected'))).status).toBe(201);
  });

  it('carries out every request without a key', async () => {
    const { json } = await post(undefined, createBody('Reset twice'));
    const before = await countRows('reveals');
    for (let round = 0; round < 2; round += 1) await post(undefined, {}, `${ACCOUNTS}/${json.id}/reset-key`);
    expect(await countRows('reveals')).toBe(before + 2);
    for (let round = 0; round < 2; round += 1) await post('reset', {}, `${ACCOUNTS}/${json.id}/reset-key`);
    expect(await countRows('reveals')).toBe(before + 3);
  });

  it('refuses a malformed key', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256), 'é']) {
      const { status, json } = await post(key, createBody('Malformed key'));
      expect([status, json.errors[0].header], key).toEqual([400, 'Idempotency-Key']);
    }
  });

  it('leaves nothing of a request or a response in clear at rest', async () => {
    const key = 'key-that-is-not-stored';
    const { json } = await post(key, createBody('At rest', 'at-rest@example.com'));
    expect(await findTablesWith(db, 'at-rest@example.com')).toContain('public.api_accounts');
    expect((await callApi('DELETE', `${ACCOUNTS}/${json.id}`, { token })).status).toBe(204);
    expect(await findTablesWith(db, 'at-rest@example.com')).toEqual([]);
    for (const text of [key, token]) expect(await findTablesWith(db, text)).toEqual([]);
    // The client still gets the response that it may have lost.
    expect((await post(key, createBody('At rest', 'at-rest@example.com'))).json).toEqual(json);
  });

  it('forgets a key after 24 hours', async () => {
    const body = createBody('Forgotten');
    await post('forgotten', body);
    const age = (hours: number) =>
      db.pool.query('update idempotent_requests set created_at = now() - make_interval(hours => $1)', [
        hours,
      ]);
    await age(23);
    expect((await post('forgotten', body)).headers.get('idempotent-replayed')).toBe('true');
    await deleteExpiredResponses(db.database);
    expect(await countRows('idempotent_requests')).toBeGreaterThan(0);
    await age(25);
    // The username is taken now, so the request was carried out again.
    expect((await post('forgotten', body)).json.errors[0].pointer).toBe('#/username');
    await age(25);
    await deleteExpiredResponses(db.database);
    expect(await countRows('idempotent_requests')).toBe(0);
  });
});
