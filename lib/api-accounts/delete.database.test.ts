import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { findTablesWith } from '#lib/testing/find-tables-with.ts';
import { until } from '#lib/testing/until.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { createApiAccount } from './create.ts';
import { deleteApiAccount } from './delete.ts';
import { listDeletedAccounts, readDeletedAccount } from './deleted.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import type { AccountSummary } from './schema.ts';
import { updateApiAccount } from './update.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const remove = ({ id, username }: Pick<AccountSummary, 'id' | 'username'>, by = administrator) =>
  deleteApiAccount(db.database, by, { id, username });
const letDaysPass = (id: string, days: number) =>
  db.pool.query(
    'update deleted_api_accounts set deleted_at = deleted_at - make_interval(hours => $2 * 24) where id = $1',
    [id, days],
  );

describe('deleteApiAccount', () => {
  it('revokes the key', async () => {
    const verifier = await startTestVerifier(db.url);
    const account = await createTestAccount(db.database, administrator);
    const key = await revealKey(db.database, account.id);
    const verify = () => requestVerifier(verifier.port, { headers: { 'X-API-Key': key } });
    expect((await verify()).status).toBe(200);
    expect(await remove(account)).toMatchObject({ ok: true });
    expect((await verify()).status).toBe(401);
    await verifier.close();
  });

  it('ends the pending delivery: the link, the code and queued messages', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { id: revealId, token, code } = await readCurrentReveal(db.database, account.id);
    const { rows } = await db.pool.query('select id from messages where reveal_id = $1', [revealId]);
    expect(rows).toHaveLength(2);
    await remove(account);
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await submitCode(db.database, { token, code })).toEqual({ ok: false, reason: 'invalid_link' });
    for (const { id } of rows) expect(await prepareMessage(db.database, id)).toBeNull();
  });

  it('wins over everything that happens to the account at the same time', async () => {
    const verifier = await startTestVerifier(db.url);
    for (let round = 0; round < 5; round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { id, version, phone } = account;
      const { id: revealId, token, code } = await readCurrentReveal(db.database, id);
      const edit = { id, version, phone, email: 'raced@example.com', active: true };
      const [shown, removed] = await Promise.all([
        submitCode(db.database, { token, code }),
        remove(account),
        resendMessages(db.database, administrator, { id, revealId, what: 'both' }),
        updateApiAccount(db.database, administrator, edit),
        resetApiKey(db.database, administrator, { id }),
      ]);
      expect(removed).toMatchObject({ ok: true });
      const key = shown.ok ? shown.key : '';
      expect((await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status).toBe(401);
      // The number of texts of the day stays, for the daily limit.
      const tables = (await findTablesWith(db, id)).filter((name) => name !== 'public.sms_counts');
      expect(tables).toEqual(['public.audit_events', 'public.deleted_api_accounts']);
      expect(await findTablesWith(db, 'raced@example.com')).toEqual([]);
    }
    await verifier.close();
  });

  it('keeps the id and the username in the audit log, also after 30 days', async () => {
    const account = await createTestAccount(db.database, administrator, { username: 'Audited Ltd' });
    await remove(account);
    await letDaysPass(account.id, 31);
    for (const filter of [{ account: account.id }, { account: 'audited' }, { search: 'audited' }]) {
      const { entries } = await listAuditLog(db.database, administrator, auditFilterSchema.parse(filter));
      expect(entries.map(({ action }) => action)).toEqual([
        'api_account.deleted',
        'reveal.started',
        'api_account.created',
      ]);
      for (const entry of entries) expect(entry.account).toEqual({ id: account.id, username: 'Audited Ltd' });
      expect(entries[0]).toMatchObject({ by: { id: administrator.userId }, ipAddress: '192.0.2.7' });
    }
  });

  it.each(['opera house', ' Opera  House ', '\u200bOPERA HOUSE'])(
    'accepts %j as the username “Opera House”',
    async (typed) => {
      const username = 'Opera House';
      const { id } = await createTestAccount(db.database, administrator, { username });
      expect(await deleteApiAccount(db.database, administrator, { id, username: typed })).toMatchObject({
        ok: true,
      });
      await letDaysPass(id, 30);
    },
  );

  it.each(['', 'Other', 'Unconfirmed', 'Unconfirmed Ltd.'])(
    'changes nothing if %j is typed instead of the username',
    async (typed) => {
      const username = `Unconfirmed Ltd ${typed.length}`;
      const account = await createTestAccount(db.database, administrator, { username });
      const result = await deleteApiAccount(db.database, administrator, { id: account.id, username: typed });
      expect(result).toMatchObject({ ok: false, reason: 'invalid', fieldErrors: { username: /confirm/ } });
      expect(await readCurrentReveal(db.database, account.id)).toMatchObject({ endedAt: null });
    },
  );

  it('requires recent authentication', async () => {
    const account = await createTestAccount(db.database, administrator);
    expect(await remove(account, { ...administrator, hasRecentAuth: false })).toEqual({
      ok: false,
      reason: 'reauthentication_required',
    });
    expect(await remove(account)).toMatchObject({ ok: true });
  });

  it('deletes an account once, and later changes do not find it', async () => {
    const account = await createTestAccount(db.database, administrator);
    const results = await Promise.all(Array.from({ length: 5 }, () => remove(account)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const notFound = { ok: false, reason: 'not_found' };
    expect(results.filter(({ ok }) => !ok)).toEqual(Array(4).fill(notFound));
    const { id, version, email, phone } = account;
    const edit = { id, version, email, phone, active: true };
    expect(await updateApiAccount(db.database, administrator, edit)).toEqual(notFound);
    expect(await resetApiKey(db.database, administrator, { id })).toEqual(notFound);
  });
});

describe('deleted accounts', () => {
  it('can be seen for 30 days', async () => {
    const account = await createTestAccount(db.database, administrator);
    await remove(account);
    const deleted = await readDeletedAccount(db.database, account.id);
    expect(deleted).toMatchObject({
      id: account.id,
      username: account.username,
      createdBy: administrator.name,
      deletedBy: administrator.name,
    });
    const days = (Number(deleted?.expiresAt) - Number(deleted?.deletedAt)) / 86_400_000;
    expect(days).toBe(30);
    expect((await listDeletedAccounts(db.database, administrator))[0]).toEqual(deleted);
    await letDaysPass(account.id, 30);
    expect(await readDeletedAccount(db.database, account.id)).toBeNull();
    expect(await listDeletedAccounts(db.database, administrator)).not.toContainEqual(
      expect.objectContaining({ id: account.id }),
    );
  });

  it('name administrators without a name by their email address', async () => {
    const nameless = await createTestAdministrator(db.database, '');
    const account = await createTestAccount(db.database, nameless);
    const { email } = nameless;
    expect(await readAccount(db.database, account.id)).toMatchObject({ createdBy: email });
    await remove(account, nameless);
    expect(await readDeletedAccount(db.database, account.id)).toMatchObject({
      createdBy: email,
      deletedBy: email,
    });
  });

  it('reserve their username for 30 days', async () => {
    const account = await createTestAccount(db.database, administrator, { username: 'Reserved Ltd' });
    await remove(account);
    const input = { username: 'RESERVED ltd', email: 'it@example.com', phone: '+447894123456' };
    const create = () => createApiAccount(db.database, administrator, input);
    const message = /^An account with this username was deleted\. You can use it again after \d+ \w+\./;
    await letDaysPass(account.id, 29);
    expect(await create()).toEqual({
      ok: false,
      reason: 'invalid',
      fieldErrors: { username: expect.stringMatching(message) },
    });
    const { rows } = await db.pool.query("select 1 from api_accounts where username_folded = 'reserved ltd'");
    expect(rows).toEqual([]);
    await letDaysPass(account.id, 1);
    expect(await create()).toMatchObject({ ok: true });
  });

  it('reserve their username for a creation that has already checked it', async () => {
    const username = 'Raced Ltd';
    const blocker = await db.pool.connect();
    try {
      await blocker.query('begin');
      // Lets the creation read, but not insert.
      await blocker.query('lock table api_accounts in share row exclusive mode');
      const input = { username, email: 'it@example.com', phone: '+447894123456' };
      const creation = createApiAccount(db.database, administrator, input);
      const countWaiting = async () => {
        const { rows } = await db.pool.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        return rows.length;
      };
      expect(await until(countWaiting, (count) => count > 0)).toBe(1);
      await blocker.query(
        `insert into deleted_api_accounts (id, username, username_folded, created_at, deleted_by)
         values ($1, $2, lower($2), now(), $1)`,
        [crypto.randomUUID(), username],
      );
      await blocker.query('commit');
      expect(await creation).toMatchObject({
        ok: false,
        reason: 'invalid',
        fieldErrors: { username: expect.stringMatching(/^An account with this username was deleted/) },
      });
    } finally {
      // Closes the connection, so that a failed test leaves no lock.
      blocker.release(true);
    }
  });
});
