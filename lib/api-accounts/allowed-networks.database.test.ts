import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { until } from '#lib/testing/until.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { listApiAccounts } from './list.ts';
import { DEFAULT_FILTER } from './list-filter.ts';
import { readNetworkUse } from './networks/read-use.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import { editApiAccountSchema } from './schema.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;
let verifier: Verifier;
let id: string;
let key: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  verifier = await startTestVerifier(db.url, {
    verifierTrustedProxies: 1,
    requestsPerMinute: 5,
    timing: { flushIntervalMs: 100 },
  });
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});
beforeEach(async () => {
  ({ id } = await createTestAccount(db.database, administrator));
  key = await revealKey(db.database, id);
});

async function send(ipAddress: string, sent = key, path = '/verify') {
  const { status, body } = await requestVerifier(verifier.port, {
    path,
    headers: { 'X-API-Key': sent, 'X-Forwarded-For': ipAddress },
  });
  return { status, code: JSON.parse(body).code };
}

async function setNetworks(allowedNetworks: string[] | null, by = administrator) {
  const account = await readAccount(db.database, id);
  return updateApiAccount(db.database, by, editApiAccountSchema.parse({ ...account, allowedNetworks }));
}

const REFUSED = { status: 403, code: 'network_not_allowed' };

describe('the allowed networks of an account', () => {
  it('refuse the key from everywhere else, in any form of an address', async () => {
    expect(await setNetworks(['192.0.2.7', '198.51.100.9/24', '2001:db8::/32'])).toMatchObject({
      ok: true,
      account: { allowedNetworks: ['192.0.2.7', '198.51.100.0/24', '2001:db8::/32'] },
    });
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '198.51.100.200:4711', '[2001:db8::1]:80'])
      expect(await send(address), address).toMatchObject({ status: 200 });
    for (const address of ['192.0.2.8', '2001:db9::1', 'unknown'])
      expect(await send(address), address).toEqual(REFUSED);
  });

  it('refuse both keys during an overlap, and do not end the old one with a refused use', async () => {
    await resetApiKey(db.database, administrator, { id, oldKey: 'on_first_use' });
    const newKey = await revealKey(db.database, id);
    await setNetworks(['192.0.2.7']);
    expect([await send('192.0.2.8'), await send('192.0.2.8', newKey)]).toEqual([REFUSED, REFUSED]);
    expect(await send('192.0.2.7')).toMatchObject({ status: 200 });
    expect(await send('192.0.2.7', newKey)).toMatchObject({ status: 200 });
    expect(await send('192.0.2.7')).toMatchObject({ status: 401 });
  });

  it('consume no quota for a refused request, and count it', async () => {
    await setNetworks(['192.0.2.7']);
    const ownVerifier = await startTestVerifier(db.url, { requestsPerMinute: 1 });
    const verify = () => requestVerifier(ownVerifier.port, { headers: { 'X-API-Key': key } });
    for (let count = 0; count < 3; count += 1) expect(await verify()).toMatchObject({ status: 403 });
    await setNetworks(['127.0.0.1']);
    expect(await verify()).toMatchObject({ status: 200 });
    await ownVerifier.close();
    const { rows } = await db.pool.query(
      `select sum(network_not_allowed)::int as refused, sum(allowed)::int as allowed, sum(limited)::int as limited
       from api_account_minutes where account_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ refused: 3, allowed: 1, limited: 0 }]);
  });

  it('make an account need attention while refused addresses are not allowed', async () => {
    await setNetworks(['192.0.2.7']);
    const isListed = async () => {
      const filter = { ...DEFAULT_FILTER, status: 'needs_attention' } as const;
      const { accounts } = await listApiAccounts(db.database, administrator, { filter });
      return accounts.some((account) => account.id === id && account.isNetworkRefused);
    };
    expect(await send('192.0.2.7')).toMatchObject({ status: 200 });
    expect(await isListed()).toBe(false);
    expect(await send('198.51.100.8')).toEqual(REFUSED);
    expect(await until(isListed, (value) => value)).toBe(true);
    const use = await readNetworkUse(db.database, administrator, id);
    expect(use).toMatchObject({
      allowed: [{ ipAddress: '192.0.2.7' }],
      refused: [{ ipAddress: '198.51.100.8' }],
    });
    await setNetworks(['192.0.2.7', '198.51.100.0/28']);
    expect(await isListed()).toBe(false);
  });

  it('are checked before scopes, and after the username', async () => {
    await setNetworks(['192.0.2.7']);
    await db.pool.query("update api_accounts set scopes = '{}' where id = $1", [id]);
    expect(await send('192.0.2.8', key, '/verify?scope=orders:read')).toEqual(REFUSED);
    expect(await send('192.0.2.7', key, '/verify?scope=orders:read')).toMatchObject({
      code: 'insufficient_scope',
    });
    const authorization = `Basic ${Buffer.from(`Other:${key}`).toString('base64')}`;
    const headers = { Authorization: authorization, 'X-Forwarded-For': '192.0.2.8' };
    expect(await requestVerifier(verifier.port, { headers })).toMatchObject({ status: 401 });
  });

  it('require recent authentication to be extended, but not to be reduced', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await setNetworks(['192.0.2.7', '192.0.2.8'], stale)).toMatchObject({ ok: true });
    expect(await setNetworks(['192.0.2.7', '192.0.2.9'], stale)).toMatchObject({
      reason: 'reauthentication_required',
    });
    expect(await setNetworks(null, stale)).toMatchObject({ reason: 'reauthentication_required' });
    expect(await setNetworks(['192.0.2.8'], stale)).toMatchObject({ ok: true });
  });

  it('must be addresses or ranges', async () => {
    expect(await setNetworks(['192.0.2.7', 'example.com'])).toMatchObject({
      reason: 'invalid',
      fieldErrors: { allowedNetworks: expect.stringContaining('example.com') },
    });
    expect(await setNetworks([])).toMatchObject({ ok: true, account: { allowedNetworks: null } });
  });

  it('are recorded with their former value, in details that are erased with the account', async () => {
    await setNetworks(['192.0.2.7', '192.0.2.8']);
    const { rows } = await db.pool.query(
      `select erasable.details->'before'->>'allowedNetworks' as before,
         erasable.details->'after'->>'allowedNetworks' as after
       from audit_events e join audit_erasable_details erasable on erasable.event_id = e.id
       where action = 'api_account.edited' and e.account_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ before: 'anywhere', after: '192.0.2.7, 192.0.2.8' }]);
  });
});
