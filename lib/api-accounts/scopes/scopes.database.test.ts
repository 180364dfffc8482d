import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { createScope } from './create.ts';
import { editScope } from './edit.ts';
import { listScopes } from './list.ts';
import { readScopeUse } from './read-use.ts';
import { retireScope } from './retire.ts';
import { MAX_SCOPES, newScopeSchema, scopeNameSchema } from './schema.ts';

let db: TestDatabase;
let administrator: Administrator;
/** A request is sent to each in turn. */
let verifiers: Verifier[];
let id: string;
let key: string;
let sentCount = 0;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  verifiers = [await startTestVerifier(db.url), await startTestVerifier(db.url)];
});
afterAll(async () => {
  await Promise.all(verifiers.map((verifier) => verifier.close()));
  await db.drop();
});
beforeEach(async () => {
  await db.pool.query('delete from api_accounts');
  await db.pool.query('delete from scopes');
  for (const name of ['orders:read', 'orders:write', 'events.read']) await create(name);
  ({ id } = await createTestAccount(db.database, administrator));
  key = await revealKey(db.database, id);
});

const create = (name: string) => createScope(db.database, administrator, { name, description: 'For tests' });

async function send(query = '') {
  sentCount += 1;
  const port = verifiers[sentCount % verifiers.length]?.port ?? 0;
  const { status, headers, body } = await requestVerifier(port, {
    path: `/verify${query}`,
    headers: { 'X-API-Key': key },
  });
  const { code, scopes } = JSON.parse(body);
  return { status, code, scopes, header: headers['x-api-scopes'], challenge: headers['www-authenticate'] };
}

async function setScopes(scopes: string[] | null, by = administrator) {
  const account = await readAccount(db.database, id);
  return updateApiAccount(db.database, by, editApiAccountSchema.parse({ ...account, scopes }));
}

const readUse = () => readScopeUse(db.database, administrator, { name: 'orders:read' });

const REFUSED = {
  status: 403,
  code: 'insufficient_scope',
  challenge: 'Bearer error="insufficient_scope"',
  header: undefined,
};

describe('the verifier', () => {
  it('returns all scopes of the organisation for full access, which has every required one', async () => {
    const scopes = ['events.read', 'orders:read', 'orders:write'];
    expect(await send()).toMatchObject({ status: 200, scopes, header: scopes.join(' ') });
    expect(await send('?scope=orders:read&scope=unknown')).toMatchObject({ status: 200 });
  });

  it('returns the account’s scopes, and refuses a request that requires another one', async () => {
    expect(await setScopes(['orders:write', 'orders:read'])).toMatchObject({ ok: true });
    const scopes = ['orders:read', 'orders:write'];
    expect(await send()).toMatchObject({ status: 200, scopes, header: 'orders:read orders:write' });
    expect(await send('?scope=orders:read')).toMatchObject({ status: 200 });
    expect(await send('?scope=orders%3Aread&scope=orders:write')).toMatchObject({ status: 200 });
    for (const query of [
      '?scope=events.read',
      '?scope=orders:read&scope=events.read',
      '?scope=',
      '?scope=orders',
    ])
      expect(await send(query), query).toMatchObject(REFUSED);
  });

  it('sends an empty header if the account has no scope, so that no gateway passes on a client’s', async () => {
    await setScopes([]);
    expect(await send()).toMatchObject({ status: 200, scopes: [], header: '' });
    expect(await send('?scope=orders:read')).toMatchObject(REFUSED);
  });

  it('consumes no quota for a refused scope, and counts it', async () => {
    const ownVerifier = await startTestVerifier(db.url, { requestsPerMinute: 1 });
    await setScopes([]);
    const verify = () =>
      requestVerifier(ownVerifier.port, { path: '/verify?scope=orders:read', headers: { 'X-API-Key': key } });
    for (let count = 0; count < 3; count += 1) expect(await verify()).toMatchObject({ status: 403 });
    await ownVerifier.close();
    const { rows } = await db.pool.query(
      `select sum(insufficient_scope)::int as refused, sum(limited)::int as limited
       from api_account_minutes where account_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ refused: 3, limited: 0 }]);
  });
});

describe('the scopes of an account', () => {
  it('can only be those of the organisation that are not retired', async () => {
    await retireScope(db.database, administrator, { name: 'events.read' });
    for (const name of ['events.read', 'unknown'])
      expect(await setScopes(['orders:read', name])).toMatchObject({
        reason: 'invalid',
        fieldErrors: { scopes: expect.stringContaining(name) },
      });
    expect((await readAccount(db.database, id))?.scopes).toBeNull();
  });

  it('require recent authentication to be extended, but not to be reduced', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await setScopes(['orders:read'], stale)).toMatchObject({ ok: true });
    expect(await setScopes(['orders:write'], stale)).toMatchObject({ reason: 'reauthentication_required' });
    expect(await setScopes(null, stale)).toMatchObject({ reason: 'reauthentication_required' });
    expect(await setScopes([], stale)).toMatchObject({ ok: true });
  });

  it('are recorded with their former value', async () => {
    await setScopes(['orders:read']);
    await setScopes(['orders:read']);
    const { rows } = await db.pool.query(
      `select details->'before'->>'scopes' as before, details->'after'->>'scopes' as after from audit_events
       where action = 'api_account.edited' and account_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ before: 'full_access', after: 'orders:read' }]);
  });
});

describe('createScope and editScope', () => {
  it('refuse a name that is used or was retired, and more than the limit', async () => {
    await retireScope(db.database, administrator, { name: 'events.read' });
    for (const name of ['events.read', 'orders:read'])
      expect(await create(name)).toMatchObject({
        reason: 'invalid',
        fieldErrors: { name: expect.anything() },
      });
    for (let count = 2; count < MAX_SCOPES - 1; count += 1)
      expect(await create(`scope${count}`)).toEqual({ ok: true });
    const [one, other] = await Promise.all([create('one'), create('other')]);
    expect([one.ok, other.ok].toSorted()).toEqual([false, true]);
    expect(await create('another')).toMatchObject({ reason: 'invalid' });
  });

  it('change only the description, and record it', async () => {
    const edited = { name: 'orders:read', description: 'Read orders' };
    expect(await editScope(db.database, administrator, edited)).toEqual({ ok: true });
    expect(await editScope(db.database, administrator, { ...edited, name: 'unknown' })).toMatchObject({
      reason: 'not_found',
    });
    expect((await listScopes(db.database, administrator)).map(({ description }) => description)).toEqual([
      'For tests',
      'Read orders',
      'For tests',
    ]);
    const { rows } = await db.pool.query("select details from audit_events where action = 'scope.edited'");
    expect(rows.map(({ details }) => details)).toEqual([
      { scope: 'orders:read', before: { description: 'For tests' }, after: { description: 'Read orders' } },
    ]);
  });

  it('does not overwrite a description that another administrator has saved', async () => {
    const other = await createTestAdministrator(db.database, 'Grace Minister');
    const edit = (by: Administrator, description: string) =>
      editScope(db.database, by, { name: 'orders:read', description, seenDescription: 'For tests' });
    expect(await edit(other, 'Read orders')).toEqual({ ok: true });
    expect(await edit(administrator, 'Orders')).toEqual({
      ok: false,
      reason: 'changed',
      current: 'Read orders',
      changedBy: 'Grace Minister',
    });
    // Such as again after a lost response.
    expect(await edit(administrator, 'Read orders')).toEqual({ ok: true });
    await retireScope(db.database, administrator, { name: 'orders:read' });
    expect(await edit(administrator, 'Orders')).toEqual({ ok: false, reason: 'not_found' });
    const [, scope] = await listScopes(db.database, administrator);
    expect(scope).toMatchObject({ name: 'orders:read', description: 'Read orders' });
  });
});

describe('listScopes', () => {
  it('says who created and who retired each scope', async () => {
    await retireScope(db.database, await createTestAdministrator(db.database, ''), { name: 'orders:read' });
    const created = { createdAt: expect.any(Date), createdBy: 'Ada Minister' };
    expect(await listScopes(db.database, administrator)).toMatchObject([
      { name: 'events.read', ...created, retiredAt: null, retiredBy: null },
      { name: 'orders:read', ...created, retiredAt: expect.any(Date), retiredBy: expect.stringMatching(/@/) },
      { name: 'orders:write', ...created, retiredAt: null, retiredBy: null },
    ]);
  });
});

describe('retireScope', () => {
  it('removes the scope from every account on commit, on every verifier', async () => {
    await setScopes(['orders:read', 'orders:write']);
    const [read] = (await listScopes(db.database, administrator)).filter(
      ({ name }) => name === 'orders:read',
    );
    expect(read).toMatchObject({ accounts: 1, retiredAt: null });
    const retire = () => retireScope(db.database, administrator, { name: 'orders:read' });
    expect(await retire()).toEqual({ ok: true, accounts: 1 });
    for (let count = 0; count < verifiers.length; count += 1)
      expect(await send('?scope=orders:read')).toMatchObject(REFUSED);
    expect(await send()).toMatchObject({ scopes: ['orders:write'] });
    expect(await retire()).toEqual({ ok: false, reason: 'not_found' });
    expect(await readAccount(db.database, id)).toMatchObject({ scopes: ['orders:write'], version: 3 });
    await setScopes(null);
    expect(await send()).toMatchObject({ scopes: ['events.read', 'orders:write'] });
  });

  it('leaves an account without any scope if it had no other', async () => {
    await setScopes(['orders:read']);
    expect(await readUse()).toEqual({ accounts: 1, onlyScope: 1, usernames: [expect.any(String)] });
    await retireScope(db.database, administrator, { name: 'orders:read' });
    expect(await readAccount(db.database, id)).toMatchObject({ scopes: [] });
    expect(await send('?scope=orders:write')).toMatchObject(REFUSED);
    expect(await readUse()).toEqual({ accounts: 0, onlyScope: 0, usernames: [] });
  });

  it('requires recent authentication', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await retireScope(db.database, stale, { name: 'orders:read' })).toMatchObject({
      reason: 'reauthentication_required',
    });
    expect(await create('orders:read')).toMatchObject({ reason: 'invalid' });
    expect(await setScopes(['orders:read'])).toMatchObject({ ok: true });
  });

  it.each([
    ['another account has it', ['orders:read', 'orders:write'], { accounts: 0, onlyScope: 0 }],
    ['an account has no other scope any more', ['orders:read'], { accounts: 1, onlyScope: 0 }],
  ])('changes nothing if the page is out of date, because %s', async (_, scopes, seen) => {
    await setScopes(scopes);
    const current = await readUse();
    const retire = (shown: typeof seen) =>
      retireScope(db.database, administrator, { name: 'orders:read', seen: shown });
    expect(await retire(seen)).toEqual({ ok: false, reason: 'changed', current });
    expect(await readAccount(db.database, id)).toMatchObject({ scopes });
    expect(await retire(current)).toEqual({ ok: true, accounts: 1 });
  });

  it('leaves no account with the scope if it is given to accounts at the same time', async () => {
    const retirement = retireScope(db.database, administrator, { name: 'orders:read' });
    await Promise.all([retirement, setScopes(['orders:read'])]);
    const { rows } = await db.pool.query("select from api_accounts where 'orders:read' = any (scopes)");
    expect(rows).toEqual([]);
  });
});

describe('newScopeSchema', () => {
  it('accepts names that need no escaping, and a description', () => {
    for (const name of ['a', 'orders:read', 'v2.orders_all-time', ' trimmed '])
      expect(scopeNameSchema.safeParse(name).success, name).toBe(true);
    for (const name of ['', 'Orders', 'a b', 'a"b', 'a::b', ':a', 'a:', 'é', 'a\u200b', 'a'.repeat(41)])
      expect(scopeNameSchema.safeParse(name).success, name).toBe(false);
    expect(newScopeSchema.safeParse({ name: 'a', description: '  ' }).success).toBe(false);
  });
});
