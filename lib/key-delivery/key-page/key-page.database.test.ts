import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { resetSettings } from '#lib/platform/config/settings.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { readFirstRequest } from './first-request.ts';
import { readKeyGuide } from './guide.ts';
import { createPageToken } from './shown-key.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database, 'Ada Minister');
});
afterAll(() => db.drop());
beforeEach(() => resetSettings());

/** Creates an account and collects its key. */
async function collect() {
  const { id } = await createTestAccount(db.database, administrator);
  await revealKey(db.database, id);
  const { id: revealId, token } = await readCurrentReveal(db.database, id);
  return { id, token, revealId, pageToken: createPageToken(revealId) };
}

/** Records a use of the account as a verifier does. @param offset from the time when the key was shown */
const recordUse = (accountId: string, offset: string) =>
  db.pool.query(
    `insert into api_account_usage (account_id, current_key_used_at)
       select account_id, ended_at + $2::interval from reveals where account_id = $1 and end_reason = 'shown'
       on conflict (account_id) do update set current_key_used_at = excluded.current_key_used_at`,
    [accountId, offset],
  );

describe('readFirstRequest', () => {
  it('returns null before the first request, and also after one with an earlier key', async () => {
    const { id, pageToken } = await collect();
    const nothing = { ok: true, lastRequestAt: null, now: expect.stringMatching(/Z$/) };
    expect(await readFirstRequest(db.database, { pageToken })).toEqual(nothing);
    await recordUse(id, '-1 second');
    expect(await readFirstRequest(db.database, { pageToken })).toEqual(nothing);
  });

  it('ignores requests with the old key, which still works', async () => {
    const { id, pageToken } = await collect();
    await db.pool.query(
      `update api_account_usage set last_used_at = now(), previous_key_used_at = now() where account_id = $1`,
      [id],
    );
    expect(await readFirstRequest(db.database, { pageToken })).toMatchObject({
      ok: true,
      lastRequestAt: null,
    });
  });

  it('returns the time of the last request with the key', async () => {
    const { id, pageToken } = await collect();
    await recordUse(id, '1 second');
    const result = await readFirstRequest(db.database, { pageToken });
    const { endedAt } = await readCurrentReveal(db.database, id);
    expect(result).toMatchObject({ ok: true });
    if (!result.ok || !endedAt) throw new Error('no result');
    const elapsed = Date.parse(result.lastRequestAt ?? '') - endedAt.getTime();
    // The database has microseconds, and the texts have milliseconds.
    expect(Math.abs(elapsed - 1_000)).toBeLessThanOrEqual(1);
  });

  it('refuses a link’s own token, a key that was not shown, and a key that was reset', async () => {
    const refusal = { ok: false, reason: 'invalid_link' };
    const { id, token, pageToken } = await collect();
    const uncollected = await createTestAccount(db.database, administrator);
    const uncollectedReveal = await readCurrentReveal(db.database, uncollected.id);
    expect(await readFirstRequest(db.database, { pageToken: token })).toEqual(refusal);
    expect(await readFirstRequest(db.database, { pageToken: createPageToken(uncollectedReveal.id) })).toEqual(
      refusal,
    );
    await resetApiKey(db.database, administrator, { id });
    expect(await readFirstRequest(db.database, { pageToken })).toEqual(refusal);
  });
});

describe('readKeyGuide', () => {
  it('names the administrator who started the key delivery, without an email address', async () => {
    const { token, pageToken } = await collect();
    expect(await readKeyGuide(db.database, token)).toEqual({
      pageToken,
      oldKey: null,
      baseUrl: null,
      docsUrl: null,
      contact: { name: 'Ada Minister', email: null },
    });
  });

  it('names no administrator whose name is their email address, with which they sign in', async () => {
    const unnamed = await createTestAdministrator(db.database, 'Jean Bartik');
    const { token } = await readCurrentReveal(
      db.database,
      (await createTestAccount(db.database, unnamed)).id,
    );
    for (const name of ['email', "''"]) {
      await db.pool.query(`update users set name = ${name} where id = $1`, [unnamed.userId]);
      expect(await readKeyGuide(db.database, token)).toMatchObject({ contact: null });
    }
  });

  it('names no administrator who was deactivated', async () => {
    const other = await createTestAdministrator(db.database, 'Grace Hopper');
    const { id } = await createTestAccount(db.database, other);
    const { token } = await readCurrentReveal(db.database, id);
    expect(await readKeyGuide(db.database, token)).toMatchObject({ contact: { name: 'Grace Hopper' } });
    await db.pool.query('update users set active = false where id = $1', [other.userId]);
    expect(await readKeyGuide(db.database, token)).toMatchObject({ contact: null });
  });

  it('returns the contact and the addresses of the settings', async () => {
    vi.stubEnv('API_BASE_URL', 'https://api.example.org/v1');
    vi.stubEnv('API_DOCS_URL', 'https://docs.example.org/');
    vi.stubEnv('API_CONTACT', 'API team <api@example.org>');
    resetSettings();
    const { token, pageToken } = await collect();
    expect(await readKeyGuide(db.database, token)).toEqual({
      pageToken,
      oldKey: null,
      baseUrl: 'https://api.example.org/v1',
      docsUrl: 'https://docs.example.org/',
      contact: { name: 'API team', email: 'api@example.org' },
    });
  });

  it('returns null for the token of another link', async () => {
    expect(await readKeyGuide(db.database, 'x'.repeat(64))).toBeNull();
  });
});
