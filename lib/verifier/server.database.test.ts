import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { startVerifier, type Verifier } from './server.ts';

let db: TestDatabase;
let administrator: Administrator;
let verifier: Verifier;
let account: AccountSummary;
let key: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  const options = {
    port: 0,
    host: '127.0.0.1',
    organisationName: 'The "Old" Théâtre',
    apiKeyTag: 'stagekey',
  };
  verifier = await startVerifier({ ...options, databaseUrl: db.url });
  account = await createTestAccount(db.database, administrator, { username: 'Théâtre & Søn 100%' });
  key = await revealKey(db.database, account.id);
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});

type ReceivedResponse = { status: number; headers: IncomingHttpHeaders; body: string };

function requestVerifier(
  headers: Record<string, string | string[]> = {},
  path = '/verify',
  method = 'GET',
): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: verifier.port, path, method, headers });
    request.on('response', async (response) => {
      const body = await text(response);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    request.on('error', reject);
    request.end();
  });
}

const createBasicHeaders = (username: string, password: string, encoding: BufferEncoding = 'utf8') => ({
  Authorization: `Basic ${Buffer.from(`${username}:${password}`, encoding).toString('base64')}`,
});
const removeDate = ({ headers: { date, ...headers }, ...rest }: ReceivedResponse) => ({ ...rest, headers });

describe('/verify with a valid key', () => {
  it.each([
    ['Basic', () => createBasicHeaders(account.username, key)],
    ['Basic in ISO 8859-1', () => createBasicHeaders(account.username, key, 'latin1')],
    ['Basic with a line break after the key', () => createBasicHeaders(account.username, `${key}\n`)],
    [
      'Basic with a username that was copied from a document',
      () => createBasicHeaders('\ufeffThéâtre\u00a0&\u200b Søn 100%\u202c', key),
    ],
    ['Bearer', () => ({ Authorization: `Bearer ${key}` })],
    ['X-API-Key', () => ({ 'X-API-Key': key })],
  ])('accepts it as %s', async (_, headers) => {
    const received = await requestVerifier(headers());
    expect(received.status).toBe(200);
    expect(JSON.parse(received.body)).toEqual({
      account: { id: account.id, username: account.username },
      key: { status: 'current', expiresAt: null },
      scopes: [],
    });
    expect(received.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-api-account-id': account.id,
      'x-api-account': 'Th%C3%A9%C3%A2tre & S%C3%B8n 100%25',
    });
    expect(decodeURIComponent(String(received.headers['x-api-account']))).toBe(account.username);
  });

  it('accepts it at a request target in absolute form', async () => {
    const headers = { 'X-API-Key': key };
    expect((await requestVerifier(headers, 'http://api.example.org/verify?x')).status).toBe(200);
    expect((await requestVerifier({}, 'HTTP://api.example.org/healthz')).status).toBe(200);
    expect((await requestVerifier(headers, 'http://api.example.org/verify/x')).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    'accepts the method %s',
    async (method) => {
      expect(await requestVerifier({ 'X-API-Key': key }, '/verify?next=1', method)).toMatchObject({
        status: 200,
      });
    },
  );

  it('responds to HEAD without a body', async () => {
    const [head, get] = [
      await requestVerifier({ 'X-API-Key': key }, '/verify', 'HEAD'),
      await requestVerifier({ 'X-API-Key': key }),
    ];
    expect(removeDate(head)).toEqual({ ...removeDate(get), body: '' });
  });
});

describe('/verify with a key that is not allowed', () => {
  it('sends an identical response for every reason why a key is invalid', async () => {
    const other = await createTestAccount(db.database, administrator);
    const otherKey = await revealKey(db.database, other.id);
    const awaitingCollection = await createTestAccount(db.database, administrator);
    const reset = await createTestAccount(db.database, administrator);
    const resetKey = await revealKey(db.database, reset.id);
    await resetApiKey(db.database, administrator, { id: reset.id });
    const responses = [
      await requestVerifier(),
      await requestVerifier({ 'X-API-Key': 'nonsense' }),
      await requestVerifier({ 'X-API-Key': generateKey('stagekey') }),
      await requestVerifier({ 'X-API-Key': resetKey }),
      await requestVerifier(createBasicHeaders(other.username, key)),
      await requestVerifier(createBasicHeaders(account.username, otherKey)),
      await requestVerifier(createBasicHeaders(awaitingCollection.username, '')),
      await requestVerifier(createBasicHeaders(account.username.toUpperCase(), key)),
      await requestVerifier({ 'X-API-Key': [key, key] }),
    ].map(removeDate);
    for (const response of responses) expect(response).toEqual(responses[0]);
    expect(responses[0]).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'www-authenticate':
          'Basic realm="The \\"Old\\" Theatre", charset="UTF-8", Bearer realm="The \\"Old\\" Theatre"',
      },
    });
    expect(JSON.parse(responses[0]?.body ?? '')).toEqual({
      type: 'urn:stagedoor:problem:invalid_key',
      title: 'The API key is not valid.',
      status: 401,
      code: 'invalid_key',
    });
  });

  it('responds 403 to the key of an inactive account, and 200 after its reactivation', async () => {
    const inactive = await createTestAccount(db.database, administrator);
    const inactiveKey = await revealKey(db.database, inactive.id);
    const setActive = (active: boolean, version: number) =>
      updateApiAccount(db.database, administrator, { ...inactive, active, version });
    await setActive(false, 1);
    const received = await requestVerifier({ 'X-API-Key': inactiveKey });
    expect(received).toMatchObject({ status: 403, headers: { 'cache-control': 'no-store' } });
    expect(JSON.parse(received.body)).toMatchObject({ status: 403, code: 'inactive_account' });
    expect(await requestVerifier(createBasicHeaders(account.username, inactiveKey))).toMatchObject({
      status: 401,
    });
    await setActive(true, 2);
    expect(await requestVerifier({ 'X-API-Key': inactiveKey })).toMatchObject({ status: 200 });
  });
});

describe('server', () => {
  it('serves health checks without a key', async () => {
    expect(await requestVerifier({}, '/healthz')).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
    });
    expect(await requestVerifier({}, '/readyz')).toMatchObject({ status: 200 });
    expect(await requestVerifier({}, '/healthz', 'POST')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });

  it.each(['/', '/verify/', '/Verify', '/verify%20', '/../verify', '//verify'])(
    'responds 404 with problem details at %s',
    async (path) => {
      const received = await requestVerifier({ 'X-API-Key': key }, path);
      expect(received).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
      expect(JSON.parse(received.body)).toMatchObject({ code: 'not_found' });
    },
  );

  it.each([
    ['nonsense\r\n\r\n', 400],
    [`GET /verify HTTP/1.1\r\nHost: x\r\nX-API-Key: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('rejects malformed HTTP', async (bytes, status) => {
    const socket = connect(verifier.port, '127.0.0.1');
    socket.write(bytes);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

it('writes the last use of an account and its IP address when it stops', async () => {
  const used = await createTestAccount(db.database, administrator);
  const usedKey = await revealKey(db.database, used.id);
  const options = { port: 0, host: '127.0.0.1', organisationName: 'X', apiKeyTag: 'stagekey' };
  const ownVerifier = await startVerifier({ ...options, databaseUrl: db.url, verifierTrustedProxies: 1 });
  await fetch(`http://127.0.0.1:${ownVerifier.port}/verify`, {
    headers: { 'X-API-Key': usedKey, 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' },
  });
  await ownVerifier.close();
  const { rows } = await db.pool.query(
    `select now() - last_used_at < interval '5 seconds' as recent, last_address
     from api_account_usage where account_id = $1`,
    [used.id],
  );
  expect(rows).toEqual([{ recent: true, last_address: '198.51.100.7' }]);
});
