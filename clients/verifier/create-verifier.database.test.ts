import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/test-database.ts';
import { digestKey, generateKey } from '../../lib/api-keys/api-key.ts';
import { avoidTimeBoundary } from '../../lib/testing/clock.ts';
import { sampleAtScale } from '../../lib/testing/sample.ts';
import {
  insertAccountWithKey,
  KEY_TAG,
  requestVerifier,
  startTestVerifier,
} from '../../lib/testing/verifier.ts';
import type { Verifier as HttpVerifier } from '../../lib/verifier/server.ts';
import { createVerifier, type Verifier, type VerifyInput } from './create-verifier.ts';

const ORGANISATION = 'X';
const ALLOWED_ADDRESS = '198.51.100.7';

type Credential = Pick<VerifyInput, 'authorization' | 'apiKey'>;

let db: TestDatabase;
let verifier: Verifier;
let httpVerifier: HttpVerifier;
/** Usernames and keys of accounts in each state. */
const accounts: Record<string, { username: string; key: string }> = {};

/** Inserts an account, and changes it. Returns it with its key. */
async function createAccount(change = 'active = true') {
  const account = await insertAccountWithKey(db.pool);
  await db.pool.query(`update api_accounts set ${change} where id = $1`, [account.id]);
  return account;
}

/** Creates an account whose previous key still works. Returns that key. */
async function createAccountInOverlap() {
  const account = await insertAccountWithKey(db.pool);
  await db.pool.query(
    `update api_accounts set previous_key_digest = key_digest, key_digest = $2,
       previous_key_expires_at = now() + interval '1 day', previous_key_ends_on = 'collection' where id = $1`,
    [account.id, digestKey(generateKey(KEY_TAG))],
  );
  return account;
}

beforeAll(async () => {
  db = await createTestDatabase();
  await db.pool.query(
    `insert into scopes (name, description, created_by)
     select name, '', gen_random_uuid() from unnest(array['invoices:read', 'orders:read']) as name`,
  );
  httpVerifier = await startTestVerifier(db.url, {
    organisationName: ORGANISATION,
    verifierTrustedProxies: 1,
    unknownKeysPerMinute: 300,
  });
  verifier = createVerifier({ databaseUrl: db.url, organisationName: ORGANISATION });
  Object.assign(accounts, {
    active: await createAccount(),
    inactive: await createAccount('active = false'),
    expired: await createAccount("expires_at = now() - interval '1 second'"),
    expiring: await createAccount("expires_at = now() + interval '1 day'"),
    'in an overlap': await createAccountInOverlap(),
    'with a scope': await createAccount("scopes = '{orders:read}'"),
    'with no scope': await createAccount("scopes = '{}'"),
    'with networks': await createAccount("allowed_networks = '{198.51.100.0/24}'"),
    'with an unusual username': await createAccount(`username = 'Théâtre & "Søn" 100%'`),
    unknown: { username: 'Company', key: generateKey(KEY_TAG) },
    malformed: { username: 'Company', key: `${KEY_TAG}${'0'.repeat(56)}` },
  });
});
afterAll(async () => {
  await verifier.close();
  await httpVerifier.close();
  await db.drop();
});

const encodeBasic = (username: string, key: string, encoding: BufferEncoding = 'utf8') =>
  `Basic ${Buffer.from(`${username}:${key}`, encoding).toString('base64')}`;

/** The ways to send a key. */
const CREDENTIALS: Record<string, (username: string, key: string) => Credential> = {
  Basic: (username, key) => ({ authorization: encodeBasic(username, key) }),
  'Basic in ISO 8859-1': (username, key) => ({ authorization: encodeBasic(username, key, 'latin1') }),
  "another account's username": (_, key) => ({ authorization: encodeBasic('Another', key) }),
  Bearer: (_, key) => ({ authorization: `Bearer ${key}` }),
  'X-API-Key': (_, key) => ({ apiKey: key }),
  'quotes around the key': (_, key) => ({ apiKey: `"${key}"` }),
  'both headers': (_, key) => ({ authorization: `Bearer ${key}`, apiKey: key }),
  'a header twice': (_, key) => ({ authorization: [`Bearer ${key}`, `Bearer ${key}`] }),
  'an unknown scheme': (_, key) => ({ authorization: `Digest ${key}` }),
  'no header': () => ({}),
};

const listValues = (values: Credential['apiKey']): string[] =>
  typeof values === 'string' ? [values] : [...(values ?? [])];

/** Verifies a request by HTTP, and describes the response as the package describes its result. */
async function verifyByHttp({ authorization, apiKey, ip, scopes = [] }: VerifyInput) {
  const headers = {
    Authorization: listValues(authorization),
    'X-API-Key': listValues(apiKey),
    'X-Forwarded-For': [ip ?? ''],
  };
  const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join('&');
  const sent = Object.fromEntries(Object.entries(headers).filter(([, values]) => values.length > 0));
  const response = await requestVerifier(httpVerifier.port, { path: `/verify?${query}`, headers: sent });
  const { status, body } = response;
  const content = JSON.parse(body);
  if (status === 200) {
    const { account, key, scopes: all } = content;
    return { isAllowed: true, account: { ...account, scopes: all }, key, headers: [] };
  }
  const received = Object.entries(response.headers).filter(
    ([name]) => !['date', 'connection', 'keep-alive'].includes(name),
  );
  return { isAllowed: false, status, code: content.code, headers: Object.fromEntries(received), body };
}

/** Joins the values of a header that occurs twice, as Node.js's client does. */
function joinHeaders(headers: [string, string][]) {
  const joined = new Headers(headers);
  return Object.fromEntries(joined);
}

describe('createVerifier', () => {
  const scopeLists = [[], ['orders:read'], ['orders:read', 'invoices:read'], ['unknown:scope'], ['']];
  const addresses = [ALLOWED_ADDRESS, '203.0.113.9', '2001:db8::1', 'no address'];

  it.each(Object.keys(CREDENTIALS))('decides as the HTTP interface does about %s', async (name) => {
    const seen = new Set<string>();
    const check = async (state: string, input: VerifyInput) => {
      const [result, expected] = await Promise.all([verifier.verify(input), verifyByHttp(input)]);
      const described = result.isAllowed ? result : { ...result, headers: joinHeaders(result.headers) };
      expect(described, `${state}, ${input.ip}, ${input.scopes}`).toEqual(expected);
      seen.add(result.isAllowed ? 'allowed' : result.code);
    };
    for (const [state, { username, key }] of Object.entries(accounts)) {
      const credential = CREDENTIALS[name]?.(username, key);
      const inputs = scopeLists.flatMap((scopes) => addresses.map((ip) => ({ ...credential, ip, scopes })));
      // Each list of scopes with one of the addresses, at normal size.
      const sampled = name === 'X-API-Key' ? inputs : sampleAtScale(inputs, ({ scopes }) => scopes.join(' '));
      await Promise.all(sampled.map((input) => check(state, input)));
    }
    if (name === 'X-API-Key')
      expect([...seen].toSorted()).toEqual([
        ...['allowed', 'expired_account', 'inactive_account', 'insufficient_scope', 'invalid_key'],
        'network_not_allowed',
      ]);
  });

  it('shares the limit of an account with other verifiers', async () => {
    await avoidTimeBoundary(db.pool, 'minute');
    const { key } = await createAccount('requests_per_minute = 3');
    const input = { apiKey: key, ip: ALLOWED_ADDRESS };
    const first = await verifier.verify(input);
    expect(first).toMatchObject({ isAllowed: true });
    expect(joinHeaders(first.headers)).toMatchObject({
      'ratelimit-policy': '"minute";q=3;w=60',
      ratelimit: expect.stringMatching(/^"minute";r=2;t=\d+$/),
    });
    for (let sent = 0; sent < 2; sent += 1)
      expect(await verifyByHttp(input)).toMatchObject({ isAllowed: true });
    const over = await verifier.verify(input);
    expect(over).toMatchObject({ isAllowed: false, status: 429, code: 'too_many_requests' });
    expect(joinHeaders(over.headers)).toHaveProperty('retry-after');
  });

  it('limits unknown keys by IP address', async () => {
    const strict = createVerifier({ databaseUrl: db.url, unknownKeysPerMinute: 1 });
    const verify = (ip: string) => strict.verify({ apiKey: generateKey(KEY_TAG), ip });
    expect(await verify('203.0.113.1')).toMatchObject({ status: 401 });
    expect(await verify('203.0.113.1')).toMatchObject({ status: 429 });
    expect(await verify('203.0.113.2')).toMatchObject({ status: 401 });
    await strict.close();
  });

  it('refuses an account that is limited to networks if the IP address is unknown', async () => {
    const { key = '' } = accounts['with networks'] ?? {};
    for (const ip of [null, undefined])
      expect(await verifier.verify({ apiKey: key, ip })).toMatchObject({ code: 'network_not_allowed' });
  });

  it('refuses a key at the first request after its account was deactivated', async () => {
    const { id, key } = await createAccount();
    expect(await verifier.verify({ apiKey: key, ip: null })).toMatchObject({ isAllowed: true });
    await db.pool.query('update api_accounts set active = false where id = $1', [id]);
    expect(await verifier.verify({ apiKey: key, ip: null })).toMatchObject({ status: 403 });
  });

  it('writes the usage and the last IP address when it is closed', async () => {
    const { id, key } = await createAccount();
    const own = createVerifier({ databaseUrl: db.url });
    expect(await own.isReady()).toBe(true);
    await Promise.all(Array.from({ length: 5 }, () => own.verify({ apiKey: key, ip: ALLOWED_ADDRESS })));
    await own.close();
    const { rows } = await db.pool.query(
      `select sum(allowed)::int as allowed, last_address from api_account_minutes
       join api_account_usage using (account_id) where account_id = $1 group by last_address`,
      [id],
    );
    expect(rows).toEqual([{ allowed: 5, last_address: ALLOWED_ADDRESS }]);
  });

  it('returns 503 while its database is away, and after it was closed', async () => {
    const own = createVerifier({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none' });
    const input = { apiKey: accounts.active?.key, ip: null };
    expect(await own.verify(input)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(await own.isReady()).toBe(false);
    await own.close();
    expect(await own.verify(input)).toMatchObject({ status: 503, code: 'unavailable' });
  });

  it('throws if the URL of the database is not valid, without showing it', () => {
    expect(() => createVerifier({ databaseUrl: 'mysql://root:secret@x/y' })).toThrow(
      /^The database's URL must/,
    );
    expect(() => createVerifier({ databaseUrl: 'mysql://root:secret@x/y' })).not.toThrow('secret');
  });
});
