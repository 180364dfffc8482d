import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccessToken, createTokenRequest } from '#lib/testing/access-tokens.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { createAccessToken } from './create.ts';
import { listAccessTokens } from './list.ts';
import { requireAccessToken } from './require-access-token.ts';
import { revokeAccessToken } from './revoke.ts';
import type { NewAccessToken } from './schema.ts';

const NEW: NewAccessToken = { name: 'Terraform', scopes: ['accounts:read', 'audit:read'], days: 90 };
const DAY_MS = 24 * 60 * 60 * 1_000;

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());
beforeEach(() => db.pool.query('truncate access_tokens'));

const isAllowed = async (token: string) =>
  (await requireAccessToken(createTokenRequest(token), 'accounts:read', { database: db.database })).ok;

async function readEvents(action: string) {
  const { rows } = await db.pool.query(
    'select user_id as "userId", address, details from audit_events where action = $1 order by position desc limit 1',
    [action],
  );
  return rows;
}

describe('createAccessToken', () => {
  it('returns a token in the form of a key, stores only its digest, and records who created it', async () => {
    const created = await createAccessToken(db.database, administrator, NEW);
    if (!created.ok) throw new Error(created.reason);
    expect(created.token).toMatch(/^stagetok[0-9A-Za-z]{56}$/);
    const { rows } = await db.pool.query('select * from access_tokens');
    expect(rows).toMatchObject([
      { name: 'Terraform', digest: digestKey(created.token), reminder_days: null },
    ]);
    expect(rows[0].expires_at.getTime() - rows[0].created_at.getTime()).toBe(90 * DAY_MS);
    const { id, expiresAt } = created;
    const details = { accessTokenId: id, accessToken: 'Terraform', scopes: 'accounts:read audit:read' };
    expect(await readEvents('access_token.created')).toEqual([
      {
        userId: administrator.userId,
        address: administrator.ipAddress,
        details: { ...details, expiresAt: expiresAt.toISOString() },
      },
    ]);
    expect(await isAllowed(created.token)).toBe(true);
  });

  it('accepts the longest lifetime, and the database no longer one', async () => {
    expect(await createAccessToken(db.database, administrator, { ...NEW, days: 365 })).toMatchObject({
      ok: true,
    });
    await expect(createAccessToken(db.database, administrator, { ...NEW, days: 366 })).rejects.toThrow();
  });

  it('requires recent authentication', async () => {
    const result = await createAccessToken(db.database, { ...administrator, hasRecentAuth: false }, NEW);
    expect(result).toEqual({ ok: false, reason: 'reauthentication_required' });
    expect((await db.pool.query('select from access_tokens')).rowCount).toBe(0);
  });

  it.each([
    ['role', "update users set role = 'settings_viewer' where id = $1"],
    ['access', 'update users set active = false where id = $1'],
    ['session', 'update sessions set ended_at = now() where user_id = $1'],
  ])('refuses an administrator who has lost the %s meanwhile', async (_, change) => {
    const former = await createTestAdministrator(db.database);
    await db.pool.query(change, [former.userId]);
    expect(await createAccessToken(db.database, former, NEW)).toMatchObject({ ok: false });
    expect((await db.pool.query('select from access_tokens')).rowCount).toBe(0);
  });
});

describe('listAccessTokens', () => {
  it('lists who made each token, when and from where it was last used, and how it ended', async () => {
    const grace = await createTestAdministrator(db.database, 'Grace Hopper');
    const used = await createTestAccessToken(db.database, ['accounts:read'], {
      name: 'b',
      administrator: grace,
    });
    const expired = await createTestAccessToken(db.database, ['audit:read'], {
      name: 'expired',
      administrator,
    });
    const revoked = await createTestAccessToken(db.database, ['audit:read'], {
      name: 'revoked',
      administrator,
    });
    await createTestAccessToken(db.database, ['audit:read'], { name: 'A', administrator });
    expect(await isAllowed(used.token)).toBe(true);
    await revokeAccessToken(db.database, grace, { id: revoked.id });
    await db.pool.query(
      `update access_tokens set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where id = $1`,
      [expired.id],
    );
    const tokens = await listAccessTokens(db.database, administrator);
    expect(tokens).toMatchObject([
      { name: 'A', state: 'valid', createdBy: 'Ada Minister', lastUsedAt: null, lastIpAddress: null },
      {
        ...{ id: used.id, name: 'b', scopes: ['accounts:read'], state: 'valid', createdBy: 'Grace Hopper' },
        ...{ lastUsedAt: expect.any(Date), lastIpAddress: '198.51.100.23', revokedAt: null, revokedBy: null },
      },
      { name: 'revoked', state: 'revoked', revokedAt: expect.any(Date), revokedBy: 'Grace Hopper' },
      { name: 'expired', state: 'expired', revokedAt: null, revokedBy: null },
    ]);
    expect(JSON.stringify(tokens)).not.toContain('digest');
  });
});

describe('revokeAccessToken', () => {
  it('refuses the token from then on, and records it once', async () => {
    const { id, token, name } = await createTestAccessToken(db.database, ['accounts:read']);
    expect(await isAllowed(token)).toBe(true);
    const withoutRecentAuth = { ...administrator, hasRecentAuth: false };
    expect(await revokeAccessToken(db.database, withoutRecentAuth, { id })).toEqual({ ok: true });
    expect(await isAllowed(token)).toBe(false);
    expect(await revokeAccessToken(db.database, administrator, { id })).toEqual({
      ok: false,
      reason: 'not_found',
    });
    const { userId, ipAddress } = administrator;
    const details = { accessTokenId: id, accessToken: name };
    expect(await readEvents('access_token.revoked')).toEqual([{ userId, address: ipAddress, details }]);
    expect(
      (await db.pool.query("select from audit_events where details ->> 'accessTokenId' = $1", [id])).rowCount,
    ).toBe(2);
  });
});

it('keeps a token working when the person who created it leaves', async () => {
  const leaving = await createTestAdministrator(db.database, 'Grace Hopper');
  const { token } = await createTestAccessToken(db.database, ['accounts:read'], { administrator: leaving });
  await db.pool.query('update users set active = false, role = null where id = $1', [leaving.userId]);
  expect(await isAllowed(token)).toBe(true);
  await db.pool.query('delete from users where id = $1', [leaving.userId]);
  expect(await isAllowed(token)).toBe(true);
  expect(await listAccessTokens(db.database, administrator)).toMatchObject([{ createdBy: null }]);
});
