import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/generate.ts';
import { accountWithKey, type Got, KEY_TAG } from '#lib/testing/verifying.ts';
import { INACTIVE, invalidKey, overLimit, tooManyUnknownKeys } from '#lib/verifier/responses.ts';
import type { Echo } from './back-end.ts';
import { expectAnswer } from './expect-answer.ts';
import { testOutages } from './outage-tests.ts';
import { type Scene, type StartGateway, setScene, UNKNOWN_KEYS_PER_MINUTE } from './scene.ts';
import { bearer, type Header, send } from './send.ts';

const USERNAME = 'Théâtre & Søn 100%';
/** For PHP, WSGI and their like, all of these are X-API-Account or X-API-Account-Id. */
const FORGED = [
  ...['X-API-Account', 'x-api-account', 'X-API-ACCOUNT', 'X-API-Account'],
  ...['X_API_Account', 'x_api_account', 'X-API_Account', 'X.API.Account', 'X_API.Account'],
  ...['X-API-Account-Id', 'x-api-account-id'],
  ...['X_API_ACCOUNT_ID', 'X-API-Account_Id', 'X.API.Account.Id'],
];

type Account = Awaited<ReturnType<typeof accountWithKey>>;
const echoOf = ({ body }: Got): Echo => JSON.parse(body);
const basic = ({ username, key }: Account): Header => [
  'Authorization',
  `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`,
];
const nobody = (): Header => ['X-API-Key', generateKey(KEY_TAG)];

/** A good key, in each of the three ways; and what comes with the request. */
function testGoodKeys(scene: () => Scene): void {
  it('lets a good key through by Basic, Bearer and X-API-Key, and says whose it is', async () => {
    const { port, pool } = scene();
    const account = { ...(await accountWithKey(pool)), username: USERNAME };
    const rename = 'update api_accounts set username = $1, username_folded = lower($1) where id = $2';
    await pool.query(rename, [USERNAME, account.id]);
    const { id, username, key } = account;
    for (const header of [basic(account), bearer(key), ['X-API-Key', key] as Header]) {
      const got = await send(port, { headers: [header] });
      expect(got.status, header[1]).toBe(200);
      expect(echoOf(got).account).toEqual({ id, username });
      expect(got.headers).not.toHaveProperty('ratelimit');
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('hands a %s on with its body', async (method) => {
    const { port, pool } = scene();
    const { id, key } = await accountWithKey(pool);
    const body = 'Größe '.repeat(10_000);
    const got = await send(port, { method, path: '/orders/7?by=x', headers: [bearer(key)], body });
    expect(got.status).toBe(200);
    const echo = echoOf(got);
    expect(echo).toMatchObject({ method, url: '/orders/7?by=x', account: { id } });
    expect(echo.body === body).toBe(true);
  });

  it('tells the client how much of its limit is left, then answers 429 and when to come again', async () => {
    const { port, pool } = scene();
    const { key } = await accountWithKey(pool, { requestsPerMinute: 1 });
    const policy = '"minute";q=1;w=60';
    const left = { 'ratelimit-policy': policy, ratelimit: expect.stringMatching(/^"minute";r=0;t=\d+$/) };
    const first = await send(port, { headers: [bearer(key)] });
    expect(first).toMatchObject({ status: 200, headers: left });
    const second = await send(port, { headers: [bearer(key)] });
    // Where a new minute began in between, that was its one request.
    const refused = second.status === 200 ? await send(port, { headers: [bearer(key)] }) : second;
    expectAnswer(refused, overLimit({ granted: false, limit: 1, left: 0, seconds: 60 }));
    expect(refused.headers).toMatchObject({ ...left, 'retry-after': expect.stringMatching(/^\d+$/) });
  });
}

/** Whatever is no good key: the back end does not hear of it. */
function testRefusals(scene: () => Scene): void {
  it('answers 401 where there is no key, an unknown one, or two', async () => {
    const { port, pool, backEnd } = scene();
    const { key } = await accountWithKey(pool);
    const before = backEnd.asked;
    for (const headers of [[], [nobody()], [bearer(key), ['X-API-Key', key] as Header]]) {
      const got = await send(port, { method: 'POST', headers, body: 'x' });
      expectAnswer(got, invalidKey('X'));
      expect(got.headers['www-authenticate']).toBe('Basic realm="X", charset="UTF-8", Bearer realm="X"');
    }
    expect(backEnd.asked).toBe(before);
  });

  it('answers 403 as soon as the account is not active, and lets it through again once it is', async () => {
    const { port, pool, backEnd } = scene();
    const { id, key } = await accountWithKey(pool);
    const activate = (active: boolean) =>
      pool.query('update api_accounts set active = $1 where id = $2', [active, id]);
    const ask = () => send(port, { headers: [bearer(key)] });
    expect((await ask()).status).toBe(200);
    await activate(false);
    const before = backEnd.asked;
    expectAnswer(await ask(), INACTIVE);
    expect(backEnd.asked).toBe(before);
    await activate(true);
    expect((await ask()).status).toBe(200);
  });
}

/** Guesses are counted by the client's address, which the client cannot make up. */
function testClientAddress(scene: () => Scene): void {
  it('throttles guesses by the address of the client, whatever it says', async () => {
    const { port } = scene();
    const guess = (from: string, claimed: number) =>
      send(port, { from, headers: [nobody(), ['X-Forwarded-For', `192.0.2.${claimed}`]] });
    for (let count = 0; count < UNKNOWN_KEYS_PER_MINUTE; count += 1)
      expectAnswer(await guess('127.0.0.2', count), invalidKey('X'));
    const got = await guess('127.0.0.2', UNKNOWN_KEYS_PER_MINUTE);
    expectAnswer(got, tooManyUnknownKeys(60));
    expect(got.headers['retry-after']).toMatch(/^\d+$/);
    expect(got.headers).not.toHaveProperty('ratelimit');
    expect((await guess('127.0.0.3', 0)).status).toBe(401);
  });
}

function testIdentity(scene: () => Scene, sees: { names: boolean }): void {
  it('says who is asking whatever the client says, and keeps the key to itself', async () => {
    const { port, pool } = scene();
    const { id, username, key } = await accountWithKey(pool);
    const forged = FORGED.map((name): Header => [name, 'forged']);
    const connection: Header = ['Connection', 'close, X-API-Account, X-API-Account-Id'];
    for (const credential of [bearer(key), ['X-API-Key', key] as Header]) {
      const got = await send(port, { headers: [...forged, credential, connection] });
      expect(got.status).toBe(200);
      const { account, headers } = echoOf(got);
      expect(account).toEqual({ id, username });
      if (!sees.names) continue;
      const alike = headers.filter(([name]) => /^x[^a-z0-9]api[^a-z0-9]account/i.test(name));
      expect(alike.map(([, value]) => value).sort()).toEqual([id, username].sort());
      expect(JSON.stringify(headers)).not.toContain(key);
    }
  });
}

/**
 * The tests that every gateway has to pass.
 * @param sees whether the back end stands behind the gateway, and so sees the request's headers; where the gateway
 *   is a few lines in the API's own program, it does not go by them
 */
export function testGateway(start: StartGateway, sees: { names: boolean; address: boolean }): void {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene(start);
  }, 300_000);
  afterAll(() => scene?.close());
  const present = () => scene;

  describe('with the verifier well', () => {
    testGoodKeys(present);
    testRefusals(present);
    testIdentity(present, sees);
    if (sees.address) testClientAddress(present);
  });
  describe('during an outage', () => testOutages(start, sees.names));
}
