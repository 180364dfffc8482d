import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { readNetworkUse } from './read-use.ts';

let db: TestDatabase;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());
beforeEach(async () => {
  ({ id } = await createTestAccount(db.database, administrator));
  await db.pool.query('delete from usage_flushes');
});

const insertAddress = (ipAddress: string, minutesAgo: number, isAllowed = true) =>
  db.pool.query(
    "insert into api_account_addresses values ($1, $2, $3, now() - $4::int * interval '1 minute')",
    [id, isAllowed, ipAddress, minutesAgo],
  );
const insertVerifier = (trustedProxies: number | null, minutesAgo: number) =>
  db.pool.query(
    `insert into usage_flushes (writer, flush, at, trusted_proxies)
     values (gen_random_uuid(), 1, now() - $2::int * interval '1 minute', $1)`,
    [trustedProxies, minutesAgo],
  );
const read = () => readNetworkUse(db.database, administrator, id);
const listAddresses = (addresses: { ipAddress: string }[]) => addresses.map(({ ipAddress }) => ipAddress);

describe('readNetworkUse', () => {
  it('lists the addresses of allowed requests, the latest first, with what to allow', async () => {
    await insertAddress('192.0.2.1', 60);
    await insertAddress('2001:db8::1', 30);
    await insertAddress('2001:db8:0:1::1', 20);
    await insertAddress('2001:db8::2', 10);
    await insertAddress('192.0.2.2', 5, false);
    const { allowed, hasMore } = await read();
    expect(allowed.map(({ ipAddress, network }) => [ipAddress, network])).toEqual([
      ['2001:db8::2', '2001:db8::/64'],
      ['2001:db8:0:1::1', '2001:db8:0:1::1'],
      ['2001:db8::1', '2001:db8::/64'],
      ['192.0.2.1', '192.0.2.1'],
    ]);
    expect(hasMore).toBe(false);
  });

  it('says whether there are more than could be stored', async () => {
    for (let n = 0; n < 100; n += 1) await insertAddress(`192.0.2.${n}`, 1);
    expect(await read()).toMatchObject({ hasMore: true });
  });

  it('falls back to the address of the last use, which earlier versions recorded', async () => {
    await db.pool.query(
      "update api_account_usage set last_used_at = now(), last_address = '192.0.2.9' where account_id = $1",
      [id],
    );
    expect(listAddresses((await read()).allowed)).toEqual(['192.0.2.9']);
    await insertAddress('192.0.2.1', 1);
    expect(listAddresses((await read()).allowed)).toEqual(['192.0.2.1']);
  });

  it('lists refused addresses of the last 24 hours that are still in no network', async () => {
    await insertAddress('192.0.2.1', 10, false);
    await insertAddress('2001:db8::1', 20, false);
    await insertAddress('192.0.2.3', 25 * 60, false);
    const setNetworks = (networks: string | null) =>
      db.pool.query('update api_accounts set allowed_networks = $2 where id = $1', [id, networks]);
    const readRefused = async () => listAddresses((await read()).refused);
    await setNetworks('{198.51.100.0/24,::/96}');
    expect(await readRefused()).toEqual(['192.0.2.1', '2001:db8::1']);
    await setNetworks('{198.51.100.0/24,192.0.2.0/28}');
    expect(await readRefused()).toEqual(['2001:db8::1']);
    await setNetworks('{2001:db8::/32}');
    expect(await readRefused()).toEqual(['192.0.2.1']);
    await setNetworks(null);
    expect(await readRefused()).toEqual([]);
  });

  it('reports verifiers that trust no proxy, by what they wrote', async () => {
    const readProblem = async () => (await read()).proxyProblem;
    settings().verifierTrustedProxies = 1;
    expect(await readProblem()).toBeNull();
    await insertVerifier(0, 30);
    expect(await readProblem()).toBe('no_trusted_proxies');
    expect(await readNetworkUse(db.database, administrator, null)).toMatchObject({
      proxyProblem: 'no_trusted_proxies',
    });
    // Replaced the verifier before, with another setting.
    await insertVerifier(1, 0);
    expect(await readProblem()).toBeNull();
    await insertVerifier(0, 0);
    expect(await readProblem()).toBe('no_trusted_proxies');
    await db.pool.query('delete from usage_flushes');
    settings().verifierTrustedProxies = 0;
    expect(await readProblem()).toBe('no_trusted_proxies');
  });

  it('reports if all addresses are private, although the verifiers trust a proxy', async () => {
    await insertVerifier(1, 0);
    await insertAddress('10.0.0.5', 1);
    expect((await read()).proxyProblem).toBe('private_addresses');
    await insertAddress('203.0.113.7', 2);
    expect((await read()).proxyProblem).toBeNull();
  });
});
