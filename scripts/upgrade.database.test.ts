import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { migrate, migrateAndGrant } from '#db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resolveReport } from '#lib/api-accounts/contact-changes/open-reports.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { readUsage } from '#lib/api-accounts/usage/read.ts';
import { digestKey, generateKey } from '#lib/api-keys/api-key.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import { consumePendingAttempt } from '#lib/identity/sign-in/pending-sign-in.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { deriveCode } from '#lib/key-delivery/reveal/code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { ALL_ACCOUNTS, readSmsPolicy } from '#lib/notifications/sms/policy.ts';
import { brandAdministrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { createTestAdministrator, makeWrongCode, revealKey } from '#lib/testing/accounts.ts';
import { createOwnedDatabase, createTestRole, type TestRole } from '#lib/testing/database-roles.ts';
import {
  EARLIER_DIGESTS,
  EARLIER_EMAIL,
  EARLIER_IDS,
  migrateToEarlierSchema,
  setUpEarlierInstallation,
} from '#lib/testing/earlier-installation.ts';
import { readSmsCount } from '#lib/testing/sms.ts';
import { IP_ADDRESS, PASSWORD } from '#lib/testing/test-users.ts';
import { KEY_TAG, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';

type Rows = Record<number, unknown[][]>;

let db: TestDatabase;
let ownedDatabase: Awaited<ReturnType<typeof createOwnedDatabase>>;
let role: TestRole;
let serviceConnection: Connection & { url: string };
let keys: { active: string; inactive: string };
let rowsBefore: Rows;
let rowsAfter: Rows;

/** Reads the rows of each table by object id and column order, which renaming does not change. */
async function readRows(pool: pg.Pool): Promise<Rows> {
  const { rows: tables } = await pool.query<{ oid: number; name: string }>(
    `select c.oid::int4, format('%I', c.relname) as name from pg_class c
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
  );
  const result: Rows = {};
  for (const { oid, name } of tables)
    result[oid] = (await pool.query({ text: `table ${name} order by 1, 2`, rowMode: 'array' })).rows;
  return result;
}

beforeAll(async () => {
  db = await createTestDatabase();
  ownedDatabase = await createOwnedDatabase(db);
  role = await createTestRole(db.url);
  keys = await setUpEarlierInstallation(ownedDatabase.url, ownedDatabase.connection.pool);
  rowsBefore = await readRows(ownedDatabase.connection.pool);
  const databaseUrl = role.withCredentials(ownedDatabase.url);
  const { url } = await migrateAndGrant({ databaseUrl, ownerUrl: ownedDatabase.url, mayPrune: false });
  serviceConnection = { url, ...connectDatabase(url) };
  rowsAfter = await readRows(ownedDatabase.connection.pool);
});
afterAll(async () => {
  await serviceConnection.close();
  await ownedDatabase.drop();
  await db.pool.query(`drop role ${role.name}`);
  await db.drop();
});

/** Sends a key to a new verifier, and returns the status. */
async function verify(key: string): Promise<number> {
  const verifier = await startTestVerifier(serviceConnection.url, { apiKeyTag: settings().apiKeyTag });
  const { status } = await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } });
  await verifier.close();
  return status;
}

describe('upgrade from the schema before 0007_standard_names', () => {
  it('keeps every row of every table, except for three renamed values', () => {
    // Without rows, a table would show nothing.
    for (const rows of Object.values(rowsBefore)) expect(rows).not.toHaveLength(0);
    // The migration also renames these stored values.
    const renamed = {
      objection: 'change_report',
      single_sign_on_forgotten: 'single_sign_on_unlinked',
      prove: 'reauthenticate',
    };
    const text = JSON.stringify(rowsBefore).replaceAll(
      /"(objection|single_sign_on_forgotten|prove)"/g,
      (_, name: keyof typeof renamed) => `"${renamed[name]}"`,
    );
    // Tables that a later migration created are empty, and the columns that it added are the last ones.
    const filledTables = Object.entries(rowsAfter).filter(([, rows]) => rows.length > 0);
    const formerColumns = filledTables.map(([oid, rows]) => {
      const columns = rowsBefore[Number(oid)]?.[0]?.length;
      // A later migration also adds the usage of accounts that were never used, without a time.
      const isAdded = (row: unknown[]) => columns === 2 && row[1] === null;
      return [oid, rows.map((row) => row.slice(0, columns)).filter((row) => !isAdded(row))];
    });
    expect(JSON.parse(JSON.stringify(Object.fromEntries(formerColumns)))).toEqual(JSON.parse(text));
  });

  it('leaves no former name of a table, column, index or constraint', async () => {
    const { rows } = await ownedDatabase.connection.pool.query(`
      select name from (
        select relname as name from pg_class where relnamespace = 'public'::regnamespace
        union select attname from pg_attribute join pg_class c on c.oid = attrelid
          where relnamespace = 'public'::regnamespace
        union select conname from pg_constraint where connamespace = 'public'::regnamespace) as names
      where name ~ '(^act$|_act_|address_changes|objected|settled|^text_|throttle|minted|proven|_tries|sent_again|^tries$'
        '|taken|placed|because|stands_alone)'`);
    expect(rows).toEqual([]);
  });

  it('verifies the key of an active account, and refuses the key of an inactive one', async () => {
    expect(await verify(keys.active)).toBe(200);
    expect(await verify(keys.inactive)).toBe(403);
  });

  it('verifies the audit log from an earlier checkpoint', async () => {
    const checkpoint = { position: 2, digest: EARLIER_DIGESTS[1] ?? '' };
    const result = await verifyAuditLog(serviceConnection.database, [checkpoint]);
    expect(result).toMatchObject({ checked: 4, unchained: 1, violation: null });
    expect(result.last).toMatchObject({ position: 4, digest: EARLIER_DIGESTS[3] });
  });

  it('reveals a key with a link and a code sent before the upgrade, and counts earlier attempts', async () => {
    const { authSecret } = settings();
    const token = createLinkToken('reveal', EARLIER_IDS.openReveal, authSecret);
    const codeGeneration = 4; // As in `setUpEarlierInstallation`.
    const code = deriveCode(EARLIER_IDS.openReveal, codeGeneration, authSecret);
    const wrong = await submitCode(serviceConnection.database, { token, code: makeWrongCode(code) });
    expect(wrong).toMatchObject({
      ok: false,
      reason: 'wrong_code',
      view: { attemptsLeft: 2, newCodesLeft: 4 },
    });
    const shown = await submitCode(serviceConnection.database, { token, code });
    if (!shown.ok) throw new Error(shown.reason);
    expect(shown.username).toBe('Waiting Ltd');
    expect(await verify(shown.key)).toBe(200);
    expect(await submitCode(serviceConnection.database, { token, code })).toMatchObject({ reason: 'used' });
  });

  it('keeps the password, the sessions and the attempts of a pending sign-in', async () => {
    const { database } = serviceConnection;
    const session = await readSession(database, EARLIER_IDS.session, IP_ADDRESS);
    expect(session).toMatchObject({ userId: EARLIER_IDS.administrator, hasRecentAuth: true });
    expect(await readSession(database, EARLIER_IDS.endedSession, IP_ADDRESS)).toBeNull();
    const credentials = { email: EARLIER_EMAIL, password: PASSWORD, ipAddress: IP_ADDRESS };
    expect(await signIn(database, credentials)).toMatchObject({ ok: true });
    const attempt = await consumePendingAttempt(database, EARLIER_IDS.pendingSignIn);
    expect(attempt).toEqual({ userId: EARLIER_IDS.administrator, attemptsLeft: 1 });
  });

  it('keeps the SMS policy and the counts of the day', async () => {
    const policy = { countries: ['FR', 'IE'], perDay: 70, perAccountPerDay: 4, version: 3 };
    expect(await readSmsPolicy(serviceConnection.database)).toEqual(policy);
    expect(await readSmsCount(serviceConnection.database, ALL_ACCOUNTS)).toEqual({ queued: 9, refused: 2 });
  });

  it('keeps queued messages, and moves their jobs to the current queues', async () => {
    const { rows } = await serviceConnection.pool.query<{ name: string; id: string }>(
      `select name, data->>'messageId' as id from pgboss.job order by id`,
    );
    expect(rows).toEqual([
      { name: 'send-sms', id: EARLIER_IDS.codeMessage },
      { name: 'send-email', id: EARLIER_IDS.reportMessage },
      { name: 'send-email', id: EARLIER_IDS.noticeMessage },
    ]);
    const { rowCount } = await serviceConnection.pool.query(
      "select from pgboss.queue where name = 'send-text'",
    );
    expect(rowCount).toBe(0);
    const report = await prepareMessage(serviceConnection.database, EARLIER_IDS.reportMessage);
    expect(report).toMatchObject({ kind: 'change_report', to: EARLIER_EMAIL, username: 'Théâtre Ltd' });
    const notice = await prepareMessage(serviceConnection.database, EARLIER_IDS.noticeMessage);
    expect(notice).toMatchObject({ kind: 'security_notice', notice: 'single_sign_on_unlinked' });
  });

  it('shows the open change report until it is resolved, and the audit log stays valid', async () => {
    const { database } = serviceConnection;
    const readReports = async () => (await readSummary(database, EARLIER_IDS.activeAccount))?.openReports;
    expect(await readReports()).toMatchObject([
      { id: EARLIER_IDS.openReport, email: { before: 'it@example.com', after: 'new@example.com' } },
    ]);
    const session = await readSession(database, EARLIER_IDS.session, IP_ADDRESS);
    const administrator = session && brandAdministrator(session);
    if (!administrator) throw new Error('no administrator');
    expect(await resolveReport(database, administrator, { id: EARLIER_IDS.openReport })).toEqual({
      ok: true,
    });
    expect(await readReports()).toEqual([]);
    const { checked, violation } = await verifyAuditLog(database);
    expect(violation).toBeNull();
    expect(checked).toBeGreaterThan(4);
  });

  it('keeps contact details in earlier audit events when their account is deleted, and says so', async () => {
    const { database } = serviceConnection;
    const session = await readSession(database, EARLIER_IDS.session, IP_ADDRESS);
    const administrator = session && brandAdministrator(session);
    if (!administrator) throw new Error('no administrator');
    const readHasPermanentDetails = async (id: string) =>
      (await readAccount(database, id))?.hasPermanentDetails;
    expect(await readHasPermanentDetails(EARLIER_IDS.activeAccount)).toBe(true);
    expect(await readHasPermanentDetails(EARLIER_IDS.inactiveAccount)).toBe(false);
    const account = { id: EARLIER_IDS.activeAccount, username: 'Théâtre Ltd' };
    expect(await deleteApiAccount(database, administrator, account)).toMatchObject({
      ok: true,
      account: { hasPermanentDetails: true },
    });
    const filter = auditFilterSchema.parse({ account: account.id, action: 'api_account.created' });
    const { entries } = await listAuditLog(database, administrator, filter);
    expect(entries).toMatchObject([{ details: { email: 'it@example.com' } }]);
    expect((await verifyAuditLog(database)).violation).toBeNull();
  });
});

describe('upgrade from the schema before 0013_keys_that_fit', () => {
  let owned: Awaited<ReturnType<typeof createOwnedDatabase>>;
  let verifier: Verifier;
  const keys = { active: generateKey(KEY_TAG), inactive: generateKey(KEY_TAG) };
  const id = EARLIER_IDS.activeAccount;

  beforeAll(async () => {
    owned = await createOwnedDatabase(db);
    const { pool } = owned.connection;
    await migrateToEarlierSchema(pool, '0012_erasable_audit_details');
    await pool.query(
      `insert into api_accounts (id, username, username_folded, email, phone, active, key_digest, key_generated_at)
       select id, id::text, id::text, 'it@example.com', '+447894123456', active, digest, now()
       from unnest($1::uuid[], $2::boolean[], $3::bytea[]) as account (id, active, digest)`,
      [
        [id, EARLIER_IDS.inactiveAccount],
        [true, false],
        [digestKey(keys.active), digestKey(keys.inactive)],
      ],
    );
    await pool.query('insert into api_account_usage (account_id, last_used_at) values ($1, now())', [id]);
    await migrate(owned.url);
    verifier = await startTestVerifier(owned.url);
  });
  afterAll(async () => {
    await verifier.close();
    await owned.drop();
  });

  const send = async (key: string, query = '') => {
    const headers = { 'X-API-Key': key };
    const { status, body } = await requestVerifier(verifier.port, { path: `/verify${query}`, headers });
    return { status, ...JSON.parse(body) };
  };

  it('keeps keys working, without an expiry, with full access and from anywhere', async () => {
    const key = { status: 'current', expiresAt: null };
    expect(await send(keys.active)).toMatchObject({ status: 200, key, scopes: [] });
    expect(await send(keys.active, '?scope=orders:read')).toMatchObject({ status: 200 });
    expect(await send(keys.inactive)).toMatchObject({ status: 403, code: 'inactive_account' });
  });

  it('accepts the counts of verifiers that are not updated yet', async () => {
    await owned.connection.pool.query(
      `insert into api_account_minutes (account_id, minute, allowed, inactive, limited)
       values ($1, date_trunc('minute', now() - interval '1 hour'), 5, 0, 0)`,
      [id],
    );
    const administrator = await createTestAdministrator(owned.connection.database);
    const usage = await readUsage(owned.connection.database, administrator, { id });
    expect(usage?.hours.buckets.at(-2)).toMatchObject({ allowed: 5, allowedPrevious: 0, expired: 0 });
  });

  it('lets a key from before the upgrade work on after a reset', async () => {
    const { database } = owned.connection;
    const administrator = await createTestAdministrator(database);
    expect(await resetApiKey(database, administrator, { id, oldKey: 'on_first_use' })).toMatchObject({
      ok: true,
    });
    expect(await send(keys.active)).toMatchObject({ key: { status: 'previous' } });
    const newKey = await revealKey(database, id);
    expect(await send(newKey)).toMatchObject({ key: { status: 'current' } });
    expect(await send(keys.active)).toMatchObject({ status: 401 });
  });
});
