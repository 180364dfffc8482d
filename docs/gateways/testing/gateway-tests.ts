import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { insertAccountWithKey, KEY_TAG, type VerifierResponse } from '#lib/testing/verifier.ts';
import {
  createInvalidKeyResponse,
  createOverLimitResponse,
  createTooManyUnknownKeysResponse,
  INACTIVE_ACCOUNT_RESPONSE,
} from '#lib/verifier/responses.ts';
import type { Echo } from './back-end.ts';
import { expectProblem } from './expect-problem.ts';
import { testOutages } from './outage-tests.ts';
import { createBearerHeader, type Header, send } from './send.ts';
import { REALM, type StartGateway, startTestBed, type TestBed, UNKNOWN_KEYS_PER_MINUTE } from './test-bed.ts';
import { type Feature, testTraffic } from './traffic-tests.ts';

const USERNAME = 'Théâtre & Søn 100%';
/** PHP, WSGI and similar interfaces treat all of these as X-API-Account or X-API-Account-Id. One is sent twice. */
const FORGED_HEADERS = [
  ...['X-API-Account', 'x-api-account', 'X-API-ACCOUNT', 'X-API-Account'],
  ...['X_API_Account', 'x_api_account', 'X-API_Account', 'X.API.Account', 'X_API.Account'],
  ...['X-API-Account-Id', 'x-api-account-id'],
  ...['X_API_ACCOUNT_ID', 'X-API-Account_Id', 'X.API.Account.Id'],
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
      expect(parseEcho(response).account).toEqual({ id, username });
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
      path: '/orders/7?by=x',
      headers: [createBearerHeader(key)],
      body,
    });
    expect(response.status).toBe(200);
    const echo = parseEcho(response);
    expect(echo).toMatchObject({ method, url: '/orders/7?by=x', account: { id } });
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

  it('responds with 403 while the account is inactive', async () => {
    const { port, pool, backEnd } = testBed();
    const { id, key } = await insertAccountWithKey(pool);
    const setActive = (active: boolean) =>
      pool.query('update api_accounts set active = $1 where id = $2', [active, id]);
    const sendKey = () => send(port, { headers: [createBearerHeader(key)] });
    expect((await sendKey()).status).toBe(200);
    await setActive(false);
    const before = backEnd.requestCount;
    expectProblem(await sendKey(), INACTIVE_ACCOUNT_RESPONSE);
    expect(backEnd.requestCount).toBe(before);
    await setActive(true);
    expect((await sendKey()).status).toBe(200);
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
    : 'ignores forged account headers';
  it(title, async () => {
    const { port, pool } = testBed();
    const { id, username, key } = await insertAccountWithKey(pool);
    const forged = FORGED_HEADERS.map((name): Header => [name, 'forged']);
    // Must not make the gateway remove the account headers as hop-by-hop headers.
    const connection: Header = ['Connection', 'close, X-API-Account, X-API-Account-Id'];
    for (const credential of [createBearerHeader(key), ['X-API-Key', key] as Header]) {
      const response = await send(port, { headers: [...forged, credential, connection] });
      expect(response.status).toBe(200);
      const { account, headers } = parseEcho(response);
      expect(account).toEqual({ id, username });
      if (!forwardsHeaders) continue;
      const accountHeaders = headers.filter(([name]) => /^x[^a-z0-9]api[^a-z0-9]account/i.test(name));
      expect(accountHeaders.map(([, value]) => value).sort()).toEqual([id, username].sort());
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
  }, 300_000);
  afterAll(() => testBed?.close());
  const getTestBed = () => testBed;

  describe('with a running verifier', () => {
    testValidKeys(getTestBed);
    testRejections(getTestBed);
    testAccountHeaders(getTestBed, { forwardsHeaders: isProxy });
    if (knowsClientIpAddress) testClientIpAddress(getTestBed);
  });
  describe('with unusual requests', () => testTraffic(getTestBed, start, without));
  describe('during an outage', () => testOutages(start, isProxy));
}
