import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestAccessToken, TOKEN_IP_ADDRESS } from '#lib/testing/access-tokens.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { type ApiRequest, callApi, createApiDatabase } from '#lib/testing/management-api.ts';

const ACCOUNTS = '/api/v1/api-accounts';
const PHONE = '+447894123456';

let db: Awaited<ReturnType<typeof createApiDatabase>>;
let accessToken: Awaited<ReturnType<typeof createTestAccessToken>>;

beforeAll(async () => {
  db = await createApiDatabase();
  accessToken = await createTestAccessToken(db.database, ['accounts:read', 'accounts:write', 'audit:read']);
});
afterAll(() => db.close());

const call = (method: string, path: string, body?: unknown, { headers = {} }: ApiRequest = {}) =>
  callApi(method, path, { token: accessToken.token, headers, ...(body !== undefined && { body }) });

let count = 0;
async function create(fields: object = {}) {
  count += 1;
  const body = { username: `Globe ${count}`, email: 'it@example.com', phone: PHONE, ...fields };
  const response = await call('POST', ACCOUNTS, body);
  expect(response.status, response.text).toBe(201);
  return response;
}

describe('POST /api/v1/api-accounts', () => {
  it('creates an account, sends its link and code, and records the access token as the actor', async () => {
    const expiresAt = '2030-06-30T00:00:00.000Z';
    const access = { expiresAt, allowedNetworks: ['192.0.2.0/24'], scopes: [] };
    const {
      json: account,
      headers,
      text,
    } = await create({ ...access, requestsPerMinute: 7, notes: 'From HR' });
    expect(account).toMatchObject({
      ...access,
      status: 'awaiting_collection',
      active: true,
      requestsPerMinute: 7,
      notes: 'From HR',
      lastUsedAt: null,
      version: 1,
    });
    expect(headers.get('location')).toBe(`${ACCOUNTS}/${account.id}`);
    expect(headers.get('etag')).toBe('"1"');
    const reveal = await readCurrentReveal(db.database, account.id);
    for (const secret of [reveal.token, reveal.code]) expect(text).not.toContain(secret);
    const { rows } = await db.pool.query(
      'select action, user_id, access_token_id, address from audit_events where account_id = $1 order by position',
      [account.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['api_account.created', 'reveal.started']);
    for (const row of rows)
      expect(row).toMatchObject({
        user_id: null,
        access_token_id: accessToken.id,
        address: TOKEN_IP_ADDRESS,
      });
    expect((await call('GET', `${ACCOUNTS}/${account.id}`)).json).toEqual(account);
  });

  it.each([
    [{ username: '' }, '#/username'],
    [{ username: 'Globe Theatre' }, '#/username'],
    [{ email: 'it' }, '#/email'],
    [{ phone: '+44 20 7946 0000' }, '#/phone'],
    [{ phone: 447894123456 }, '#/phone'],
    [{ requestsPerMinute: '7' }, '#/requestsPerMinute'],
    [{ expiresAt: 'tomorrow' }, '#/expiresAt'],
    [{ scopes: ['orders:read'] }, '#/scopes'],
    [{ scopes: [{}] }, '#/scopes/0'],
    [{ allowedNetworks: ['192.0.2.0/33'] }, '#/allowedNetworks'],
    [{ 'a/b~': 1 }, '#/a~1b~0'],
  ])('points at an invalid field: %j', async (fields, pointer) => {
    const taken = await callApi('GET', `${ACCOUNTS}?search=Globe%20Theatre`, { token: accessToken.token });
    if (taken.json.data.length === 0) await create({ username: 'Globe Theatre' });
    const body = { username: 'Rose Theatre', email: 'it@example.com', phone: PHONE, ...fields };
    const { status, json } = await call('POST', ACCOUNTS, body);
    expect([status, json.code]).toEqual([422, 'invalid']);
    expect(json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      decodeURIComponent(pointer),
    ]);
  });

  it('names every missing field', async () => {
    const { status, json } = await call('POST', ACCOUNTS, {});
    expect(status).toBe(422);
    expect(json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '#/username',
      '#/email',
      '#/phone',
    ]);
  });
});

describe('GET /api/v1/api-accounts', () => {
  it('filters, and continues with the cursor', async () => {
    for (const name of ['a', 'b', 'c']) await create({ username: `Paged ${name}` });
    const first = await call('GET', `${ACCOUNTS}?search=paged&status=awaiting_collection&limit=2`);
    expect(first.json.data.map(({ username }: { username: string }) => username)).toEqual([
      'Paged a',
      'Paged b',
    ]);
    const cursor = encodeURIComponent(first.json.nextCursor);
    const second = await call(
      'GET',
      `${ACCOUNTS}?search=paged&status=awaiting_collection&limit=2&cursor=${cursor}`,
    );
    expect(second.json.data.map(({ username }: { username: string }) => username)).toEqual(['Paged c']);
    expect(second.json.nextCursor).toBeNull();
    expect((await call('GET', `${ACCOUNTS}?search=paged&status=active`)).json.data).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['status=Active', 'status'],
    ['cursor=x', 'cursor'],
    ['cursor=', 'cursor'],
    ['stauts=active', 'stauts'],
    ['search=a&search=b', 'search'],
    [`search=${'x'.repeat(201)}`, 'search'],
  ])('refuses %s', async (query, parameter) => {
    const { status, json } = await call('GET', `${ACCOUNTS}?${query}`);
    expect([status, json.code, json.errors[0].parameter]).toEqual([400, 'invalid_parameters', parameter]);
  });
});

describe('PATCH /api/v1/api-accounts/{id}', () => {
  it('changes only the given fields, and only the given version', async () => {
    const { json: account } = await create({ notes: 'Kept', requestsPerMinute: 5 });
    const path = `${ACCOUNTS}/${account.id}`;
    const changed = await call(
      'PATCH',
      path,
      { requestsPerMinute: null },
      { headers: { 'if-match': '"1"' } },
    );
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    const { updatedAt, ...expected } = { ...account, requestsPerMinute: null, version: 2 };
    expect(changed.json).toMatchObject(expected);
    const conflict = await call('PATCH', path, { active: false }, { headers: { 'if-match': '"1"' } });
    expect([conflict.status, conflict.json.code]).toEqual([412, 'version_mismatch']);
    expect((await call('GET', path)).json).toEqual(changed.json);
    for (const tag of ['1', 'W/"2"', '"x"', '"1", "2"'])
      expect((await call('PATCH', path, {}, { headers: { 'if-match': tag } })).status, tag).toBe(400);
  });

  it('changes any version without If-Match', async () => {
    const { json: account } = await create();
    const path = `${ACCOUNTS}/${account.id}`;
    expect((await call('PATCH', path, { email: 'new@example.com' })).json.version).toBe(2);
    const deactivated = await call('PATCH', path, { active: false }, { headers: { 'if-match': '*' } });
    expect(deactivated.json).toMatchObject({ email: 'new@example.com', active: false, status: 'inactive' });
    expect((await call('PATCH', path, {})).json).toEqual(deactivated.json);
    const invalid = await call('PATCH', path, { phone: '123' });
    expect([invalid.status, invalid.json.errors[0].pointer]).toEqual([422, '#/phone']);
  });
});

describe('POST /api/v1/api-accounts/{id}/reset-key', () => {
  it.each([
    [undefined, null],
    [{}, null],
    [{ oldKey: 'immediately' }, null],
    [{ oldKey: 'on_collection' }, { endsOn: 'collection' }],
    [{ oldKey: 'on_first_use' }, { endsOn: 'first_use' }],
    [{ oldKey: { hours: 24 } }, { endsOn: null, newKey: 'not_collected' }],
  ])('resets the key with %j', async (body, oldKey) => {
    const { json: account } = await create();
    await revealKey(db.database, account.id);
    const path = `${ACCOUNTS}/${account.id}`;
    expect((await call('GET', path)).json.status).toBe('active');
    const reset = await call('POST', `${path}/reset-key`, body);
    expect([reset.status, reset.json.status]).toEqual([200, 'awaiting_collection']);
    const deliveries = (await call('GET', `${path}/deliveries`)).json;
    expect(deliveries.data.map(({ state }: { state: string }) => state)).toEqual([
      'in_progress',
      'collected',
    ]);
    if (oldKey) expect(deliveries.oldKey).toMatchObject(oldKey);
    else expect(deliveries.oldKey).toBeNull();
  });

  it.each([
    { oldKey: 'later' },
    { oldKey: { hours: 0 } },
    { oldKey: { hours: 169 } },
    { oldKey: { days: 1 } },
  ])('refuses %j', async (body) => {
    const { json: account } = await create();
    const { status, json } = await call('POST', `${ACCOUNTS}/${account.id}/reset-key`, body);
    expect(status).toBe(422);
    expect(json.errors[0].pointer).toMatch(/^#\/oldKey/);
  });
});

describe('POST /api/v1/api-accounts/{id}/resend', () => {
  it('sends again, not too soon, and not without a delivery', async () => {
    const { json: account } = await create();
    const path = `${ACCOUNTS}/${account.id}/resend`;
    const tooSoon = await call('POST', path, { message: 'sms' });
    expect([tooSoon.status, tooSoon.json.code]).toEqual([429, 'too_many_requests']);
    expect(Number(tooSoon.headers.get('retry-after'))).toBeGreaterThan(0);
    await db.pool.query(
      "update reveals set code_issued_at = now() - interval '1 hour' where account_id = $1",
      [account.id],
    );
    expect((await call('POST', path)).json).toEqual({
      email: { sent: false, reason: 'too_soon', detail: expect.stringMatching(/^Wait \d+ seconds\.$/) },
      sms: { sent: true },
    });
    await revealKey(db.database, account.id);
    const ended = await call('POST', path, { message: 'email' });
    expect([ended.status, ended.json.code]).toEqual([409, 'not_in_progress']);
  });
});

describe('GET /api/v1/api-accounts/{id}/deliveries and /usage', () => {
  it('describe a delivery up to the first request, without its link and code', async () => {
    const { json: account } = await create();
    const path = `${ACCOUNTS}/${account.id}`;
    const reveal = await readCurrentReveal(db.database, account.id);
    await revealKey(db.database, account.id);
    await db.pool.query('update api_account_usage set last_used_at = now() where account_id = $1', [
      account.id,
    ]);
    await db.pool.query(
      "insert into api_account_minutes (account_id, minute, allowed) values ($1, date_trunc('minute', now()), 1)",
      [account.id],
    );
    const { json, text } = await call('GET', `${path}/deliveries`);
    const types = json.data[0].events.map(({ type }: { type: string }) => type);
    expect(types.slice(0, 3).toSorted()).toEqual(['email', 'sms', 'started']);
    expect(types.slice(-2)).toEqual(['collected', 'first_used']);
    expect(json.data[0]).toMatchObject({ state: 'collected', email: 'it@example.com', phone: PHONE });
    for (const secret of [reveal.token, reveal.code]) expect(text).not.toContain(secret);
    const usage = (await call('GET', `${path}/usage`)).json;
    expect([usage.hours.buckets.length, usage.days.buckets.length]).toEqual([24, 30]);
    expect(usage.days.total.allowed).toBe(1);
    expect(usage.lastUsedAt).not.toBeNull();
  });
});

describe('DELETE /api/v1/api-accounts/{id}', () => {
  it('deletes the account, which then does not exist', async () => {
    const { json: account } = await create();
    const path = `${ACCOUNTS}/${account.id}`;
    expect((await call('DELETE', path)).status).toBe(204);
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/usage'],
      ['GET', '/deliveries'],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/reset-key'],
      ['POST', '/resend'],
    ] as const) {
      const { status } = await call(method, path + suffix, method === 'GET' ? undefined : {});
      expect(status, method + suffix).toBe(404);
    }
  });
});

describe('GET /api/v1/audit-events', () => {
  it('lists what users and access tokens did, page by page', async () => {
    const administrator = await createTestAdministrator(db.database);
    const byUser = await createTestAccount(db.database, administrator);
    const byToken = await create();
    const list = async (query: string) => (await call('GET', `/api/v1/audit-events?${query}`)).json;
    const created = await list('action=api_account.created&limit=2');
    expect(created.data).toMatchObject([
      {
        account: { id: byToken.json.id },
        by: null,
        accessToken: { id: accessToken.id, name: accessToken.name },
      },
      { account: { id: byUser.id }, by: { id: administrator.userId }, accessToken: null },
    ]);
    const next = await list(`action=api_account.created&limit=2&cursor=${created.nextCursor}`);
    expect(next.data[0].position).toBeLessThan(created.data[1].position);
    expect((await list(`account=${byUser.id}&outcome=done`)).data).toHaveLength(2);
    expect((await list(`by=${accessToken.id}&limit=1`)).data).toHaveLength(1);
  });

  it.each(['cursor=x', 'outcome=x', 'from=2026-02-30', 'by=x', 'user=1', 'action=%00'])(
    'refuses %s instead of ignoring it',
    async (query) => {
      const { status, json } = await call('GET', `/api/v1/audit-events?${query}`);
      expect([status, json.errors[0].parameter]).toEqual([400, query.split('=')[0]]);
    },
  );
});
