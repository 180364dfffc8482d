import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { insertAccountWithKey, KEY_TAG, type VerifierResponse } from '#lib/testing/verifier.ts';
import {
  createInvalidKeyResponse,
  createOverLimitResponse,
  createTooManyUnknownKeysResponse,
  EXPIRED_ACCOUNT_RESPONSE,
  INACTIVE_ACCOUNT_RESPONSE,
  INSUFFICIENT_SCOPE_RESPONSE,
  NETWORK_NOT_ALLOWED_RESPONSE,
} from '#lib/verifier/responses.ts';
import type { Echo } from './back-end.ts';
import { expectProblem } from './expect-problem.ts';
import { testOutages } from './outage-tests.ts';
import { createBearerHeader, type Header, send } from './send.ts';
import { REALM, type StartGateway, startTestBed, type TestBed, UNKNOWN_KEYS_PER_MINUTE } from './test-bed.ts';
import { type Feature, testTraffic } from './traffic-tests.ts';

const USERNAME = 'Théâtre & Søn 100%';
/** PHP, WSGI and similar interfaces treat all of these as headers of the account. One is sent twice. */
const FORGED_HEADERS = [
  ...['X-API-Account', 'x-api-account', 'X-API-ACCOUNT', 'X-API-Account'],
  ...['X_API_Account', 'x_api_account', 'X-API_Account', 'X.API.Account', 'X_API.Account'],
  ...['X-API-Account-Id', 'x-api-account-id'],
  ...['X_API_ACCOUNT_ID', 'X-API-Account_Id', 'X.API.Account.Id'],
  ...['X-API-Scopes', 'x-api-scopes', 'X_API_Scopes', 'X-API_Scopes', 'X.API.Scopes'],
];
/** Spellings of a path that some back ends treat as `/orders/7`. */
const SPELLINGS = [
  ...['/orders/7', '/orders', '/Orders/7', '/orders;x=1/7', '/%6Frders/7', '/orders%2F7', '/%2Forders/7'],
  ...['//orders/7', '/./orders/7', '/x/../orders/7', '/x/%2e%2e/orders/7', '/x//../../orders/7'],
  ...['/x/..\\orders/7', '\\orders\\7', '/x/..%5Corders/7', '/orders/7?x=/../..', '/orders/../orders/7'],
];

type Account = Awaited<ReturnType<typeof insertAccountWithKey>>;
const parseEcho = ({ body }: VerifierResponse): Echo => JSON.parse(body);
const createBasicHeader = ({ username, key }: Account): Header => [
  'Authorization',
  `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`,
];
const createUnknownKeyHeader = (): Header => ['X-API-Key', generateKey(KEY_TAG)];

function testValidKeys(testBed: () => TestBed): void {
  it('accepts a valid key by Basic, Bearer and X-API-Key, and forwards its account', async () => {
    const { port, pool } = testBed();
    const account = { ...(await insertAccountWithKey(pool)), username: USERNAME };
    const rename = 'update api_accounts set username = $1, username_folded = lower($1) where id = $2';
    await pool.query(rename, [USERNAME, account.id]);
    const { id, username, key } = account;
    for (const header of [
      createBasicHeader(account),
      createBearerHeader(key),
      ['X-API-Key', key] as Header,
    ]) {
      const response = await send(port, { headers: [header] });
      expect(response.status, header[1]).toBe(200);
      expect(parseEcho(response).account).toEqual({ id, username, scopes: [] });
      // The account has no limit.
      expect(response.headers).not.toHaveProperty('ratelimit');
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('forwards a %s request with its body', async (method) => {
    const { port, pool } = testBed();
    const { id, key } = await insertAccountWithKey(pool);
    const body = 'Größe '.repeat(10_000);
    const response = await send(port, {
      method,
      path: '/invoices/7?by=x',
      headers: [createBearerHeader(key)],
      body,
    });
    expect(response.status).toBe(200);
    const echo = parseEcho(response);
    expect(echo).toMatchObject({ method, url: '/invoices/7?by=x', account: { id } });
    expect(echo.body === body).toBe(true);
  });

  it('sends the remaining quota, and 429 with Retry-After over the limit', async () => {
    const { port, pool } = testBed();
    const { key } = await insertAccountWithKey(pool, { requestsPerMinute: 1 });
    const policy = '"minute";q=1;w=60';
    const quota = { 'ratelimit-policy': policy, ratelimit: expect.stringMatching(/^"minute";r=0;t=\d+$/) };
    const first = await send(port, { headers: [createBearerHeader(key)] });
    expect(first).toMatchObject({ status: 200, headers: quota });
    const second = await send(port, { headers: [createBearerHeader(key)] });
    // If a new minute began in between, the second request was its first.
    const rejected =
      second.status === 200 ? await send(port, { headers: [createBearerHeader(key)] }) : second;
    expectProblem(
      rejected,
      createOverLimitResponse({ isGranted: false, limit: 1, remaining: 0, secondsUntilReset: 60 }),
    );
    expect(rejected.headers).toMatchObject({ ...quota, 'retry-after': expect.stringMatching(/^\d+$/) });
  });
}

/**
 * Defines tests of rejected requests, which must not reach the back end. The count of requests shows this for proxies,
 * and for middleware the response: the API would respond with an echo.
 */
function testRejections(testBed: () => TestBed): void {
  it('responds with 401 to a missing key, an unknown key, and two keys', async () => {
    const { port, pool, backEnd } = testBed();
    const { key } = await insertAccountWithKey(pool);
    const before = backEnd.requestCount;
    for (const headers of [
      [],
      [createUnknownKeyHeader()],
      [createBearerHeader(key), ['X-API-Key', key] as Header],
    ]) {
      const response = await send(port, { method: 'POST', headers, body: 'x' });
      expectProblem(response, createInvalidKeyResponse(REALM));
      expect(response.headers['www-authenticate']).toBe(
        `Basic realm="${REALM}", charset="UTF-8", Bearer realm="${REALM}"`,
      );
    }
    expect(backEnd.requestCount).toBe(before);
  });

  it.each([
    ['is inactive', 'active = false', INACTIVE_ACCOUNT_RESPONSE],
    ['has expired', 'expires_at = now()', EXPIRED_ACCOUNT_RESPONSE],
    ['is not allowed from the network', `allowed_networks = '{192.0.2.1}'`, NETWORK_NOT_ALLOWED_RESPONSE],
  ])('responds with 403 and the reason while the account %s', async (_, change, expected) => {
    const { port, pool, backEnd } = testBed();
    const { id, key } = await insertAccountWithKey(pool);
    const setAccess = (access: string) => pool.query(`update api_accounts set ${access} where id = $1`, [id]);
    const sendKey = () => send(port, { headers: [createBearerHeader(key)] });
    expect((await sendKey()).status).toBe(200);
    await setAccess(change);
    const before = backEnd.requestCount;
    const response = await sendKey();
    expectProblem(response, expected);
    expect(response.headers).not.toHaveProperty('www-authenticate');
    expect(backEnd.requestCount).toBe(before);
    await setAccess('active = true, expires_at = null, allowed_networks = null');
    expect((await sendKey()).status).toBe(200);
  });
}

/** Defines tests of a path that requires a scope. Its spellings matter only to proxies: middleware is part of the router. */
function testScopes(testBed: () => TestBed, isProxy: boolean): void {
  const insertAccount = async (scopes: string[] | null) => {
    const { pool } = testBed();
    const { id, key } = await insertAccountWithKey(pool);
    await pool.query('update api_accounts set scopes = $1 where id = $2', [scopes, id]);
    return createBearerHeader(key);
  };

  it.each([
    { scopes: ['orders:read', 'orders:write'], isAllowed: true },
    // Full access.
    { scopes: null, isAllowed: true },
    { scopes: ['orders:write', 'orders:read.all'], isAllowed: false },
    { scopes: [], isAllowed: false },
  ])('requires a scope for one path only, and forwards those of the account: $scopes', async (account) => {
    const { port, backEnd } = testBed();
    const headers = [await insertAccount(account.scopes), ['X-API-Scopes', 'orders:read forged'] as Header];
    const scopes = account.scopes ?? [];
    expect(parseEcho(await send(port, { headers })).account).toMatchObject({ scopes });
    const before = backEnd.requestCount;
    const response = await send(port, { path: '/orders/7', headers });
    if (account.isAllowed) {
      expect(parseEcho(response)).toMatchObject({ url: '/orders/7', account: { scopes } });
      return;
    }
    expectProblem(response, INSUFFICIENT_SCOPE_RESPONSE);
    expect(response.headers['www-authenticate']).toBe('Bearer error="insufficient_scope"');
    expect(backEnd.requestCount).toBe(before);
  });

  if (!isProxy) return;
  it.each(SPELLINGS)('does not forward %s without the scope', async (path) => {
    const { port, backEnd } = testBed();
    const headers = [await insertAccount([])];
    const before = backEnd.requestCount;
    expect([400, 403]).toContain((await send(port, { path, headers })).status);
    expect(backEnd.requestCount).toBe(before);
  });
}

function testClientIpAddress(testBed: () => TestBed): void {
  it('limits unknown keys per IP address of the connection, which a client cannot forge', async () => {
    const { port } = testBed();
    const sendUnknownKey = (localAddress: string, forgedByte: number) =>
      send(port, {
        localAddress,
        headers: [createUnknownKeyHeader(), ['X-Forwarded-For', `192.0.2.${forgedByte}`]],
      });
    for (let count = 0; count < UNKNOWN_KEYS_PER_MINUTE; count += 1)
      expectProblem(await sendUnknownKey('127.0.0.2', count), createInvalidKeyResponse(REALM));
    const response = await sendUnknownKey('127.0.0.2', UNKNOWN_KEYS_PER_MINUTE);
    expectProblem(response, createTooManyUnknownKeysResponse(60));
    expect(response.headers['retry-after']).toMatch(/^\d+$/);
    expect(response.headers).not.toHaveProperty('ratelimit');
    expect((await sendUnknownKey('127.0.0.3', 0)).status).toBe(401);
  });
}

function testAccountHeaders(testBed: () => TestBed, { forwardsHeaders }: { forwardsHeaders: boolean }): void {
  const title = forwardsHeaders
    ? 'replaces forged account headers, and does not forward the key'
    : 'drops forged account headers';
  it(title, async () => {
    const { port, pool } = testBed();
    const { id, username, key } = await insertAccountWithKey(pool);
    const scopes = ['orders:read'];
    await pool.query('update api_accounts set scopes = $1 where id = $2', [scopes, id]);
    const forged = FORGED_HEADERS.map((name): Header => [name, 'forged']);
    // Must not make the gateway remove the account headers as hop-by-hop headers.
    const connection: Header = ['Connection', 'close, X-API-Account, X-API-Account-Id, X-API-Scopes'];
    for (const credential of [createBearerHeader(key), ['X-API-Key', key] as Header]) {
      const response = await send(port, { headers: [...forged, credential, connection] });
      expect(response.status).toBe(200);
      const { account, headers } = parseEcho(response);
      expect(account).toEqual({ id, username, scopes });
      const accountHeaders = headers.filter(([name]) =>
        /^x[^a-z0-9]api[^a-z0-9](account|scopes)/i.test(name),
      );
      if (!forwardsHeaders) {
        expect(accountHeaders).toEqual([]);
        continue;
      }
      expect(accountHeaders.map(([, value]) => value).sort()).toEqual([id, username, ...scopes].sort());
      expect(JSON.stringify(headers)).not.toContain(key);
    }
  });
}

/**
 * Defines the tests that every gateway must pass.
 * @param options.knowsClientIpAddress whether the gateway knows the IP address of the connection
 * @param options.without what the gateway cannot do, each with the reason. Without `forwarding`, it is middleware in the
 *   back end's own program instead of a proxy in front of the back end
 */
export function testGateway(
  start: StartGateway,
  {
    knowsClientIpAddress,
    without,
  }: { knowsClientIpAddress: boolean; without: Partial<Record<Feature, string>> },
): void {
  const isProxy = !without.forwarding;
  let testBed: TestBed;
  beforeAll(async () => {
    testBed = await startTestBed(start);
  });
  afterAll(() => testBed?.close());
  const getTestBed = () => testBed;

  describe('with a running verifier', () => {
    testValidKeys(getTestBed);
    testRejections(getTestBed);
    testScopes(getTestBed, isProxy);
    testAccountHeaders(getTestBed, { forwardsHeaders: isProxy });
    if (knowsClientIpAddress) testClientIpAddress(getTestBed);
  });
  describe('with unusual requests', () => testTraffic(getTestBed, start, without));
  describe('during an outage', () => testOutages(start, isProxy));
}
