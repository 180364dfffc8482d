import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { listDeletedAccounts } from '#lib/api-accounts/deleted.ts';
import { endOldKey } from '#lib/api-accounts/end-old-key.ts';
import { exportApiAccounts } from '#lib/api-accounts/export.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import { AccessTokenEndedError } from '#lib/platform/authorization/actor-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccessToken, createTestActor, createTokenRequest } from '#lib/testing/access-tokens.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { until } from '#lib/testing/until.ts';
import { requireAccessToken } from './require-access-token.ts';
import { revokeAccessToken } from './revoke.ts';

const FILTER = auditFilterSchema.parse({});
const TOKEN_NAME = 'Access token “Onboarding script”';

let db: TestDatabase;
let administrator: Administrator;
let actor: AccessTokenActor<'accounts:write'>;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  actor = await createTestActor(db.database, 'accounts:write');
});
afterAll(() => db.drop());

/** Reads the actors of an account's events, as pairs of an action and who did it. */
async function readActors(accountId: string): Promise<[string, string][]> {
  const filter = auditFilterSchema.parse({ account: accountId });
  const { entries } = await listAuditLog(db.database, administrator, filter, {}, 100);
  return entries
    .toReversed()
    .map(({ action, by, accessToken }) => [action, by?.name ?? accessToken?.name ?? 'none']);
}

const NEW_ACCOUNT = { username: 'By program', email: 'it@example.com', phone: '+447894123456' };

describe('an access token as the actor', () => {
  it('is named by the audit events of every change, and by what shows who did it', async () => {
    const created = await createApiAccount(db.database, actor, NEW_ACCOUNT);
    if (!created.ok) throw new Error(created.reason);
    const { id } = created.account;
    expect(await readAccount(db.database, id)).toMatchObject({ createdBy: TOKEN_NAME });
    await letTimePass(db.database, id, '2 minutes');
    expect(await resendMessages(db.database, actor, { id, what: 'both' })).toMatchObject({ ok: true });
    await revealKey(db.database, id);
    expect(await resetApiKey(db.database, actor, { id, oldKey: { hours: 1 } })).toMatchObject({ ok: true });
    expect(await endOldKey(db.database, actor, { id })).toEqual({ ok: true });
    const { phone } = NEW_ACCOUNT;
    const edit = { id, version: 1, email: 'new@example.com', phone, active: false };
    expect(await updateApiAccount(db.database, actor, edit)).toMatchObject({ ok: true });
    // An administrator whose editor is out of date sees which token has changed the account.
    expect(await updateApiAccount(db.database, administrator, edit)).toMatchObject({
      reason: 'changed',
      changedBy: TOKEN_NAME,
    });
    const seen = { version: 1, revealId: null, hasKey: false };
    expect(await resetApiKey(db.database, administrator, { id, seen })).toMatchObject({
      change: { by: TOKEN_NAME, isOwn: false },
    });
    const timeline = await readTimeline(db.database, administrator, { id });
    expect(JSON.stringify(timeline)).toContain(TOKEN_NAME);
    expect(await deleteApiAccount(db.database, actor, { id, username: 'By program' })).toMatchObject({
      ok: true,
    });
    expect(await listDeletedAccounts(db.database, administrator)).toMatchObject([
      { id, createdBy: TOKEN_NAME, deletedBy: TOKEN_NAME },
    ]);
    const name = actor.name;
    expect(await readActors(id)).toEqual([
      ['api_account.created', name],
      ['reveal.started', name],
      ['reveal.sent_again', name],
      ['api_key.shown', 'none'],
      ['api_key.reset', name],
      ['reveal.started', name],
      ['api_key.previous_ended', name],
      ['api_account.edited', name],
      ['api_account.deactivated', name],
      ['reveal.started', name],
      ['api_account.deleted', name],
    ]);
    const { rows } = await db.pool.query(
      'select distinct user_id, address from audit_events where access_token_id = $1',
      [actor.accessTokenId],
    );
    expect(rows).toEqual([{ user_id: null, address: actor.ipAddress }]);
    expect((await verifyAuditLog(db.database)).violation).toBeNull();
  });

  it('is named by the events of exports', async () => {
    const reader = await createTestActor(db.database, 'accounts:read');
    const auditor = await createTestActor(db.database, 'audit:read');
    await exportApiAccounts(db.database, reader, { search: '', status: 'all' }, 'csv');
    await exportAuditLog(db.database, auditor, FILTER, 'csv');
    const { entries } = await listAuditLog(db.database, auditor, FILTER, {}, 2);
    expect(entries).toMatchObject([
      { action: 'audit.exported', by: null, accessToken: { id: auditor.accessTokenId, name: auditor.name } },
      { action: 'api_accounts.exported', by: null, accessToken: { id: reader.accessTokenId } },
    ]);
  });

  it('changes nothing if it was revoked, or has expired, after its request had begun', async () => {
    const { id, email, phone, version, username } = await createTestAccount(db.database, administrator);
    const [revoked, expired] = [
      await createTestActor(db.database, 'accounts:write'),
      await createTestActor(db.database, 'accounts:write'),
    ];
    await revokeAccessToken(db.database, administrator, { id: revoked.accessTokenId });
    await db.pool.query(
      "update access_tokens set created_at = now() - interval '1 day', expires_at = now() - interval '1 second' where id = $1",
      [expired.accessTokenId],
    );
    const count = async () => (await db.pool.query('select from audit_events')).rowCount;
    const before = await count();
    for (const ended of [revoked, expired])
      for (const change of [
        () => createApiAccount(db.database, ended, { ...NEW_ACCOUNT, username: 'Too late' }),
        () => updateApiAccount(db.database, ended, { id, version, email, phone, active: false }),
        () => resetApiKey(db.database, ended, { id }),
        () => endOldKey(db.database, ended, { id }),
        () => resendMessages(db.database, ended, { id, what: 'both' }),
        () => deleteApiAccount(db.database, ended, { id, username }),
      ])
        await expect(change()).rejects.toThrow(AccessTokenEndedError);
    expect(await count()).toBe(before);
    expect(await readAccount(db.database, id)).toMatchObject({ active: true, version });
  });

  it('cannot be revoked during the transaction of a change: the revocation waits for its end', async () => {
    const { id } = await createTestAccount(db.database, administrator);
    const changing = await createTestActor(db.database, 'accounts:write');
    const { accessTokenId } = changing;
    let reset: Promise<unknown> = Promise.resolve();
    let revocation: Promise<unknown> = Promise.resolve();
    await withTransaction(db.database, async (transaction) => {
      await transaction.execute('select from api_accounts for update');
      reset = resetApiKey(db.database, changing, { id });
      const countWaiting = async () =>
        (
          await db.pool.query(
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          )
        ).rowCount ?? 0;
      await until(countWaiting, (waiting) => waiting === 1);
      // Requests with the same token do not wait for each other.
      const meanwhile = { ...NEW_ACCOUNT, username: 'Meanwhile' };
      expect(await createApiAccount(db.database, changing, meanwhile)).toMatchObject({ ok: true });
      revocation = revokeAccessToken(db.database, administrator, { id: accessTokenId });
      await until(countWaiting, (waiting) => waiting === 2);
    });
    expect(await reset).toMatchObject({ ok: true });
    expect(await revocation).toEqual({ ok: true });
    const { rows } = await db.pool.query(
      "select action from audit_events where action in ('api_key.reset', 'access_token.revoked') order by position desc limit 2",
    );
    expect(rows.map(({ action }) => action)).toEqual(['access_token.revoked', 'api_key.reset']);
  });

  it('is an argument only of the use cases that its scope allows', async () => {
    const { token } = await createTestAccessToken(db.database, ['accounts:read']);
    const result = await requireAccessToken(createTokenRequest(token), 'accounts:read', {
      database: db.database,
    });
    if (!result.ok) throw new Error('refused');
    const reader = result.actor;
    // These calls do not compile. They are never made.
    const calls = [
      // @ts-expect-error a token that may only read accounts cannot create one.
      () => createApiAccount(db.database, reader, NEW_ACCOUNT),
      // @ts-expect-error a token that may only read accounts cannot read the audit log.
      () => listAuditLog(db.database, reader, FILTER),
      // @ts-expect-error no token can revoke a token.
      () => revokeAccessToken(db.database, actor, { id: reader.accessTokenId }),
      // @ts-expect-error no token can read out a code.
      () => readOutCode(db.database, actor, { id: '', revealId: '', requestId: '' }),
    ];
    expect(calls).toHaveLength(4);
  });
});
