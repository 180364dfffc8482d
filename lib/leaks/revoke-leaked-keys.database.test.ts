import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { listAccessTokens } from '#lib/access-tokens/list.ts';
import { requireAccessToken } from '#lib/access-tokens/require-access-token.ts';
import { readAccountResource } from '#lib/account-state/resource.ts';
import type { LeakSource } from '#lib/account-state/status.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { listApiAccounts } from '#lib/api-accounts/list.ts';
import { DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';
import { listAccountResources } from '#lib/api-accounts/list-resources.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccessToken, createTestActor, createTokenRequest } from '#lib/testing/access-tokens.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { changeAccount } from '#lib/testing/contact-changes.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import { createTestEndpoint } from '#lib/testing/webhook-receiver.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { revokeLeakedKeys } from './revoke-leaked-keys.ts';

const URL_OF_LEAK = 'https://github.com/example/project/blob/main/.env';

let db: TestDatabase;
let administrator: Administrator;
let verifier: Verifier;
let account: AccountSummary;
let key: string;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await createTestAdministrator(db.database, 'Bob');
  verifier = await startTestVerifier(db.url);
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});
beforeEach(async () => {
  account = await createTestAccount(db.database, administrator);
  key = await revealKey(db.database, account.id);
});

const report = (reported: string | string[], source: LeakSource = 'api', url: string | null = URL_OF_LEAK) =>
  revokeLeakedKeys(
    db.database,
    [reported].flat().map((each) => ({ key: each, url })),
    { source, ipAddress: '192.0.2.99' },
  );
const getStatus = async (text: string) =>
  (await requestVerifier(verifier.port, { headers: { 'X-API-Key': text } })).status;
const read = () => readSummary(db.database, account.id);

async function readEvents(action = '%leaked') {
  const { rows } = await db.pool.query(
    `select action, user_id, address, details from audit_events
     where action like $1 and (account_id = $2 or account_id is null) order by position`,
    [action, account.id],
  );
  return rows;
}

async function readMessages(accountId: string | null = account.id): Promise<{ id: string; kind: string }[]> {
  const { rows } = await db.pool.query(
    `select messages.id, kind from messages join leaks on leaks.id = leak_id
     where account_id is not distinct from $1 order by kind, user_id`,
    [accountId],
  );
  return rows;
}

describe('revokeLeakedKeys', () => {
  it('revokes the current key immediately, and records the leak', async () => {
    expect(await getStatus(key)).toBe(200);
    await report(key);
    expect(await getStatus(key)).toBe(401);
    const leak = { key: 'current', source: 'api', url: URL_OF_LEAK };
    expect(await read()).toMatchObject({ status: 'leaked', hasKey: false, leak });
    expect((await read())?.leak?.at).toBeInstanceOf(Date);
    expect(await readEvents()).toEqual([
      { action: 'api_key.leaked', user_id: null, address: '192.0.2.99', details: leak },
    ]);
    expect((await readMessages()).map(({ kind }) => kind)).toEqual([
      'leak_notice',
      'leak_report',
      'leak_report',
    ]);
  });

  it('records the webhook event, with the account as it is afterwards', async () => {
    await createTestEndpoint(db.database, administrator, {
      url: 'https://example.com/hooks',
      eventTypes: ['api_key.leaked'],
    });
    await report(key);
    const { rows } = await db.pool.query('select type, data from webhook_events where account_id = $1', [
      account.id,
    ]);
    const leak = { key: 'current', source: 'api', url: URL_OF_LEAK };
    const resource = await readAccountResource(db.database, account.id);
    expect(rows).toEqual([{ type: 'api_key.leaked', data: { ...leak, account: resource } }]);
  });

  it('marks the account until the next reset', async () => {
    await report(key);
    expect((await resetApiKey(db.database, administrator, { id: account.id })).ok).toBe(true);
    expect(await read()).toMatchObject({ status: 'awaiting_collection', leak: null });
    expect(await getStatus(await revealKey(db.database, account.id))).toBe(200);
    expect(await getStatus(key)).toBe(401);
    expect(await read()).toMatchObject({ status: 'active', leak: null });
  });

  it('ends only the previous key if that leaked', async () => {
    await resetApiKey(db.database, administrator, { id: account.id, oldKey: { hours: 24 } });
    const newKey = await revealKey(db.database, account.id);
    await report(key, 'page');
    expect([await getStatus(key), await getStatus(newKey)]).toEqual([401, 200]);
    expect(await read()).toMatchObject({
      status: 'active',
      oldKey: null,
      leak: { key: 'previous', source: 'page' },
    });
    expect(await readEvents('api_key.previous_ended')).toMatchObject([{ details: { reason: 'leaked' } }]);
    await db.pool.query("update leaks set at = at - interval '31 days' where account_id = $1", [account.id]);
    expect(await read()).toMatchObject({ leak: null });
  });

  it('ends only the current key if that leaked while the previous one works', async () => {
    await resetApiKey(db.database, administrator, { id: account.id, oldKey: 'on_first_use' });
    const newKey = await revealKey(db.database, account.id);
    await report(newKey);
    expect([await getStatus(key), await getStatus(newKey)]).toEqual([200, 401]);
    expect(await read()).toMatchObject({ status: 'leaked', oldKey: { endsOn: 'first_use' } });
  });

  it('ignores keys that do not work any more, and unknown ones', async () => {
    await resetApiKey(db.database, administrator, { id: account.id, oldKey: { hours: 1 } });
    await letTimePass(db.database, account.id, '2 hours');
    await report([key, generateKey('stagekey'), generateKey('stagetok')]);
    expect(await readEvents()).toEqual([]);
    expect(await readMessages()).toEqual([]);
  });

  it('revokes the key of an inactive account, so that it does not work after a reactivation', async () => {
    const inactive = await changeAccount(db.database, administrator, account, { active: false });
    await report(key);
    expect(await read()).toMatchObject({ status: 'inactive', hasKey: false, leak: { key: 'current' } });
    await changeAccount(db.database, administrator, inactive.account, { active: true });
    expect(await read()).toMatchObject({ status: 'leaked' });
    expect(await getStatus(key)).toBe(401);
  });

  it('does not show the key again to the browser that has just collected it', async () => {
    await resetApiKey(db.database, administrator, { id: account.id });
    const retrySecret = 'A'.repeat(43);
    const reveal = { ...(await readCurrentReveal(db.database, account.id)), retrySecret };
    const shown = await submitCode(db.database, reveal);
    if (!shown.ok) throw new Error(shown.reason);
    expect(await submitCode(db.database, reveal)).toEqual(shown);
    await report(shown.key);
    expect(await submitCode(db.database, reveal)).toMatchObject({ ok: false, reason: 'used' });
  });

  it('records one leak for 50 concurrent reports', async () => {
    await Promise.all(Array.from({ length: 50 }, () => report(key)));
    expect(await readEvents()).toHaveLength(1);
    expect(await readMessages()).toHaveLength(3);
    expect(await db.pool.query('select from leaks where account_id = $1', [account.id])).toMatchObject({
      rowCount: 1,
    });
  });

  it('revokes a key that a concurrent reset keeps as the old one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const current = round === 0 ? key : await revealKey(db.database, account.id);
      const reset = { id: account.id, oldKey: { hours: 24 } };
      await Promise.all([
        resetApiKey(db.database, administrator, reset),
        report(current),
        resetApiKey(db.database, administrator, reset),
      ]);
      expect(await getStatus(current)).toBe(401);
      expect(await read()).toMatchObject({ oldKey: null });
    }
    expect(await readEvents()).toHaveLength(5);
  });

  it('revokes a key whose digest was found just before it is reported, during a collection', async () => {
    await resetApiKey(db.database, administrator, { id: account.id, oldKey: 'on_collection' });
    const [, newKey] = await Promise.all([report(key), revealKey(db.database, account.id)]);
    expect([await getStatus(key), await getStatus(newKey)]).toEqual([401, 200]);
    // The collection may have ended the old key before the report.
    expect((await readEvents()).length).toBeLessThanOrEqual(1);
    expect(await readEvents('api_key.previous_ended')).toHaveLength(1);
  });

  it('keeps no trace of the account in the leaks after its deletion', async () => {
    await report(key);
    const { username } = account;
    expect((await deleteApiAccount(db.database, administrator, { id: account.id, username })).ok).toBe(true);
    expect(await readMessages()).toEqual([]);
    await report(key);
    expect(await readEvents()).toHaveLength(1);
  });
});

describe('revokeLeakedKeys for an access token', () => {
  it('revokes the token, and notifies the administrators', async () => {
    const { token, id } = await createTestAccessToken(db.database, ['accounts:read'], { administrator });
    const check = () =>
      requireAccessToken(createTokenRequest(token), 'accounts:read', { database: db.database });
    expect((await check()).ok).toBe(true);
    await Promise.all([report(token), report(token)]);
    expect((await check()).ok).toBe(false);
    const tokens = await listAccessTokens(db.database, administrator);
    expect(tokens.find((each) => each.id === id)).toMatchObject({
      state: 'revoked',
      revokedBy: null,
      hasLeaked: true,
    });
    expect(await readEvents('access_token.leaked')).toMatchObject([
      { details: { accessTokenId: id, accessToken: 'Onboarding script', source: 'api', url: URL_OF_LEAK } },
    ]);
    const messages = await readMessages(null);
    expect(messages.map(({ kind }) => kind)).toEqual(['leak_report', 'leak_report']);
    expect(await prepareMessage(db.database, messages[0]?.id ?? '')).toMatchObject({
      subject: { accessToken: 'Onboarding script' },
      link: 'http://localhost:3000/settings/access-tokens',
    });
  });
});

describe('a leaked account', () => {
  it('is in the list of accounts that need attention, and no active one', async () => {
    await report(key);
    const listIn = async (status: 'needs_attention' | 'active' | 'unused') => {
      const filter = { ...DEFAULT_FILTER, search: account.username, status };
      const { accounts, counts } = await listApiAccounts(db.database, administrator, { filter });
      expect(counts[status]?.count).toBe(accounts.length);
      return accounts.map(({ id }) => id);
    };
    expect(await listIn('needs_attention')).toContain(account.id);
    expect(await listIn('active')).not.toContain(account.id);
    await letTimePass(db.database, account.id, '8 days');
    expect(await listIn('unused')).not.toContain(account.id);
    expect(await read()).toMatchObject({ status: 'leaked' });
  });

  it('is locked in the management API', async () => {
    await report(key);
    expect(await readAccountResource(db.database, account.id)).toMatchObject({
      status: 'locked',
      active: true,
    });
    const actor = await createTestActor(db.database, 'accounts:read');
    for (const status of ['active', 'awaiting_collection', 'delivery_failed', 'locked'] as const) {
      const query = { search: account.username, status, limit: 200 };
      const { data } = await listAccountResources(db.database, actor, query);
      expect(
        data.some(({ id }) => id === account.id),
        status,
      ).toBe(status === 'locked');
    }
  });

  it('tells an administrator whose dialog showed the key that it leaked', async () => {
    const { version, revealId } = (await readAccount(db.database, account.id)) ?? {
      version: 0,
      revealId: null,
    };
    await report(key);
    const seen = { version, revealId, hasKey: true };
    expect(await resetApiKey(db.database, administrator, { id: account.id, seen })).toMatchObject({
      ok: false,
      reason: 'changed',
      change: { kind: 'leaked', by: null, isOwn: false },
    });
  });
});

describe('the messages about a leak', () => {
  const prepareAll = async () =>
    Promise.all((await readMessages()).map(({ id }) => prepareMessage(db.database, id)));

  it('go to the integrator and each administrator, with a link that opens the reset', async () => {
    await report(key, 'github');
    const [notice, ...reports] = await prepareAll();
    const { username } = account;
    expect(notice).toEqual({
      kind: 'leak_notice',
      to: 'it@example.com',
      trustedUrl: URL_OF_LEAK,
      leakedAt: expect.any(Date),
      ...{ key: 'current', username, hasNewKey: false },
    });
    expect(reports).toContainEqual({
      kind: 'leak_report',
      to: administrator.email,
      trustedUrl: URL_OF_LEAK,
      leakedAt: expect.any(Date),
      subject: { key: 'current', username, hasNewKey: false },
      source: 'github',
      link: `http://localhost:3000/settings/users/api-accounts/${account.id}?dialog=resetKey`,
    });
  });

  it('contain no address that GitHub has not signed', async () => {
    await report(key, 'page');
    for (const message of await prepareAll()) expect(message).toMatchObject({ trustedUrl: null });
  });

  it('are recorded with the account, and dropped for former administrators', async () => {
    const former = await createTestAdministrator(db.database, 'Former');
    await report(key);
    await db.pool.query('update users set active = false where id = $1', [former.userId]);
    const prepared = await prepareAll();
    expect(prepared.filter((message) => message === null)).toHaveLength(1);
    const { rows } = await db.pool.query('select state from messages where user_id = $1', [former.userId]);
    expect(rows).toEqual([{ state: 'dropped' }]);
  });
});
