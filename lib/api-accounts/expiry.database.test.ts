import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import { editApiAccountSchema } from './schema.ts';
import { updateApiAccount } from './update.ts';

const HOUR = 3_600_000;

let db: TestDatabase;
let administrator: Administrator;
let verifier: Verifier;
let id: string;
let key: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  verifier = await startTestVerifier(db.url);
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});
beforeEach(async () => {
  ({ id } = await createTestAccount(db.database, administrator));
  key = await revealKey(db.database, id);
});

async function send(sent = key) {
  const { status, body } = await requestVerifier(verifier.port, { headers: { 'X-API-Key': sent } });
  const { code, key: described } = JSON.parse(body);
  return { status, code, expiresAt: described?.expiresAt };
}

async function setExpiry(expiresAt: Date | string | null, by = administrator) {
  const account = await readAccount(db.database, id);
  return updateApiAccount(db.database, by, editApiAccountSchema.parse({ ...account, expiresAt }));
}

/** Moves the account's times into the past, in PostgreSQL's syntax for intervals. */
const letTimePass = (interval: string) =>
  db.pool.query(
    `update api_accounts set expires_at = expires_at - $2::interval,
       previous_key_expires_at = previous_key_expires_at - $2::interval where id = $1`,
    [id, interval],
  );

const inHours = (hours: number) => new Date(Date.now() + hours * HOUR);

describe('the expiry of an account', () => {
  it('refuses the key from then on, and lets the same key work again when the account is extended', async () => {
    expect(await send()).toEqual({ status: 200, code: undefined, expiresAt: null });
    const expiresAt = inHours(2);
    expect(await setExpiry(expiresAt)).toMatchObject({ ok: true, account: { expiresAt, status: 'active' } });
    expect(await send()).toMatchObject({ status: 200, expiresAt: expiresAt.toISOString() });
    await letTimePass('2 hours');
    expect(await send()).toMatchObject({ status: 403, code: 'expired_account' });
    expect(await readAccount(db.database, id)).toMatchObject({ status: 'expired', hasKey: true });
    expect(await setExpiry(inHours(1))).toMatchObject({ ok: true, account: { status: 'active' } });
    expect(await send()).toMatchObject({ status: 200 });
    expect(await setExpiry(null)).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ status: 200, expiresAt: null });
  });

  it('ends both keys, and extending it lets only the current one work again', async () => {
    await resetApiKey(db.database, administrator, { id, oldKey: { hours: 24 } });
    const newKey = await revealKey(db.database, id);
    const expiresAt = inHours(2);
    await setExpiry(expiresAt);
    expect(await send()).toMatchObject({ status: 200, expiresAt: expiresAt.toISOString() });
    expect(await readAccount(db.database, id)).toMatchObject({
      oldKey: { expiresAt: expiresAt.toISOString() },
    });
    await letTimePass('3 hours');
    expect(await readAccount(db.database, id)).toMatchObject({ oldKey: null });
    const account = editApiAccountSchema.parse(await readAccount(db.database, id));
    await updateApiAccount(db.database, administrator, { ...account, notes: 'Another change' });
    expect(await send()).toMatchObject({ code: 'expired_account' });
    expect(await send(newKey)).toMatchObject({ code: 'expired_account' });
    await setExpiry(null);
    expect(await send()).toMatchObject({ status: 401 });
    expect(await send(newKey)).toMatchObject({ status: 200 });
  });

  it('is the end of an old key at the latest', async () => {
    const expiresAt = inHours(2);
    await setExpiry(expiresAt);
    const reset = (hours: number) => resetApiKey(db.database, administrator, { id, oldKey: { hours } });
    expect(await reset(24)).toMatchObject({ oldKeyExpiresAt: expiresAt });
    expect(await readAccount(db.database, id)).toMatchObject({
      oldKey: { expiresAt: expiresAt.toISOString() },
    });
    expect(await send()).toMatchObject({ status: 200, expiresAt: expiresAt.toISOString() });
    const sooner = await reset(1);
    expect(sooner.ok && (sooner.oldKeyExpiresAt?.getTime() ?? 0)).toBeLessThan(expiresAt.getTime());
  });

  it('lets no old key work on after a reset of an expired account', async () => {
    await setExpiry(inHours(-1));
    expect(await resetApiKey(db.database, administrator, { id, oldKey: { hours: 24 } })).toMatchObject({
      oldKeyExpiresAt: null,
    });
    await setExpiry(null);
    expect(await send()).toMatchObject({ status: 401 });
  });

  it('consumes no quota of an expired account, and is counted', async () => {
    const ownVerifier = await startTestVerifier(db.url, { requestsPerMinute: 1 });
    await setExpiry(inHours(-1));
    const verify = () => requestVerifier(ownVerifier.port, { headers: { 'X-API-Key': key } });
    for (let count = 0; count < 3; count += 1) expect(await verify()).toMatchObject({ status: 403 });
    await ownVerifier.close();
    const { rows } = await db.pool.query(
      'select sum(expired)::int as expired, sum(limited)::int as limited from api_account_minutes where account_id = $1',
      [id],
    );
    expect(rows).toEqual([{ expired: 3, limited: 0 }]);
  });

  it('requires recent authentication to be extended, but not to be shortened', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await setExpiry(inHours(2), stale)).toMatchObject({ ok: true });
    expect(await setExpiry(inHours(3), stale)).toMatchObject({ reason: 'reauthentication_required' });
    expect(await setExpiry(null, stale)).toMatchObject({ reason: 'reauthentication_required' });
    expect(await setExpiry(inHours(1), stale)).toMatchObject({ ok: true });
  });

  it('is recorded with its former value, and stays the same if a change does not mention it', async () => {
    const expiresAt = '2031-01-02T03:04:05+02:00';
    await setExpiry(expiresAt);
    const account = await readAccount(db.database, id);
    const { expiresAt: _, ...others } = editApiAccountSchema.parse(account);
    await updateApiAccount(db.database, administrator, { ...others, notes: 'New' });
    expect((await readAccount(db.database, id))?.expiresAt).toEqual(new Date(expiresAt));
    const { rows } = await db.pool.query(
      `select details->'before'->'expiresAt' as before, details->'after'->'expiresAt' as after from audit_events
       where action = 'api_account.edited' and account_id = $1 and details->'after' ? 'expiresAt'`,
      [id],
    );
    expect(rows).toEqual([{ before: null, after: '2031-01-02T01:04:05.000Z' }]);
  });

  it('accepts times up to the year 9999, and no other text', () => {
    const parse = (expiresAt: unknown) => editApiAccountSchema.shape.expiresAt.safeParse(expiresAt).success;
    expect([parse(null), parse(undefined), parse('9999-12-31T23:59:59Z')]).toEqual([true, true, true]);
    expect([parse('tomorrow'), parse('2031-01-02'), parse(new Date(Number.NaN))]).toEqual([
      false,
      false,
      false,
    ]);
    expect(parse(new Date(Date.UTC(10_000, 0)))).toBe(false);
  });
});
