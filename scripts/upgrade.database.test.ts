import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { migrateAndGrant } from '#db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resolveReport } from '#lib/api-accounts/contact-changes/open-reports.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
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
import { wrongCode } from '#lib/testing/accounts.ts';
import {
  EARLIER,
  EARLIER_DIGESTS,
  EARLIER_EMAIL,
  setUpEarlierInstallation,
} from '#lib/testing/earlier-installation.ts';
import { createOwnedDatabase, createTestRole, type TestRole } from '#lib/testing/roles.ts';
import { smsCountOf } from '#lib/testing/sms.ts';
import { ADDRESS, PASSWORD } from '#lib/testing/test-users.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';

type Rows = Record<number, unknown[][]>;

let db: TestDatabase;
let owned: Awaited<ReturnType<typeof createOwnedDatabase>>;
let role: TestRole;
let services: Connection & { url: string };
let keys: { active: string; inactive: string };
let rowsBefore: Rows;
let rowsAfter: Rows;

/** Reads the rows of each table by its object id and the order of its columns, neither of which a renaming changes. */
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
  owned = await createOwnedDatabase(db);
  role = await createTestRole(db.url);
  keys = await setUpEarlierInstallation(owned.url, owned.connection.pool);
  rowsBefore = await readRows(owned.connection.pool);
  const databaseUrl = role.as(owned.url);
  const { url } = await migrateAndGrant({ databaseUrl, ownerUrl: owned.url, mayPrune: false });
  services = { url, ...connectDatabase(url) };
  rowsAfter = await readRows(owned.connection.pool);
});
afterAll(async () => {
  await services.close();
  await owned.drop();
  await db.pool.query(`drop role ${role.name}`);
  await db.drop();
});

/** Asks a verifier about a key, and returns the status. */
async function verify(key: string): Promise<number> {
  const verifier = await startTestVerifier(services.url, { apiKeyTag: settings().apiKeyTag });
  const { status } = await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } });
  await verifier.close();
  return status;
}

describe('database that is upgraded from the names before 0007_standard_names', () => {
  it('keeps every row of every table', () => {
    for (const rows of Object.values(rowsBefore)) expect(rows).not.toHaveLength(0);
    const renamed = {
      objection: 'change_report',
      single_sign_on_forgotten: 'single_sign_on_unlinked',
      prove: 'reauthenticate',
    };
    const text = JSON.stringify(rowsBefore).replaceAll(
      /"(objection|single_sign_on_forgotten|prove)"/g,
      (_, name: keyof typeof renamed) => `"${renamed[name]}"`,
    );
    expect(JSON.parse(JSON.stringify(rowsAfter))).toEqual(JSON.parse(text));
  });

  it('has no earlier name of a table, column, index or constraint left', async () => {
    const { rows } = await owned.connection.pool.query(`
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
    const result = await verifyAuditLog(services.database, [checkpoint]);
    expect(result).toMatchObject({ checked: 4, unchained: 1, violation: null });
    expect(result.last).toMatchObject({ position: 4, digest: EARLIER_DIGESTS[3] });
  });

  it('reveals a key by a link and a code that were sent before, and counts earlier attempts', async () => {
    const { authSecret } = settings();
    const token = createLinkToken('reveal', EARLIER.waitingReveal, authSecret);
    const code = deriveCode(EARLIER.waitingReveal, 4, authSecret);
    const wrong = await submitCode(services.database, { token, code: wrongCode(code) });
    expect(wrong).toMatchObject({ ok: false, reason: 'wrong', view: { attemptsLeft: 2, newCodesLeft: 4 } });
    const shown = await submitCode(services.database, { token, code });
    if (!shown.ok) throw new Error(shown.reason);
    expect(shown.username).toBe('Waiting Ltd');
    expect(await verify(shown.key)).toBe(200);
    expect(await submitCode(services.database, { token, code })).toMatchObject({ reason: 'used' });
  });

  it('keeps the password, the sessions and the attempts of a pending sign-in', async () => {
    const { database } = services;
    const session = await readSession(database, EARLIER.session, ADDRESS);
    expect(session).toMatchObject({ userId: EARLIER.administrator, hasRecentAuth: true });
    expect(await readSession(database, EARLIER.endedSession, ADDRESS)).toBeNull();
    const credentials = { email: EARLIER_EMAIL, password: PASSWORD, address: ADDRESS };
    expect(await signIn(database, credentials)).toMatchObject({ ok: true });
    const attempt = await consumePendingAttempt(database, EARLIER.pendingSignIn);
    expect(attempt).toEqual({ userId: EARLIER.administrator, attemptsLeft: 1 });
  });

  it('keeps the SMS policy and the counts of the day', async () => {
    const policy = { countries: ['FR', 'IE'], perDay: 70, perAccountPerDay: 4, version: 3 };
    expect(await readSmsPolicy(services.database)).toEqual(policy);
    expect(await smsCountOf(services.database, ALL_ACCOUNTS)).toEqual({ queued: 9, refused: 2 });
  });

  it('has the messages that waited, and their jobs in the queues of today', async () => {
    const { rows } = await services.pool.query<{ name: string; id: string }>(
      `select name, data->>'messageId' as id from pgboss.job order by id`,
    );
    expect(rows).toEqual([
      { name: 'send-sms', id: EARLIER.codeMessage },
      { name: 'send-email', id: EARLIER.reportMessage },
      { name: 'send-email', id: EARLIER.noticeMessage },
    ]);
    const { rowCount } = await services.pool.query("select from pgboss.queue where name = 'send-text'");
    expect(rowCount).toBe(0);
    const report = await prepareMessage(services.database, EARLIER.reportMessage);
    expect(report).toMatchObject({ kind: 'change_report', to: EARLIER_EMAIL, username: 'Théâtre Ltd' });
    const notice = await prepareMessage(services.database, EARLIER.noticeMessage);
    expect(notice).toMatchObject({ kind: 'security_notice', notice: 'single_sign_on_unlinked' });
  });

  it('shows the open change report until it is resolved, and the audit log stays valid', async () => {
    const { database } = services;
    const readReports = async () => (await readSummary(database, EARLIER.activeAccount))?.openReports;
    expect(await readReports()).toMatchObject([
      { id: EARLIER.openReport, email: { before: 'it@example.com', after: 'new@example.com' } },
    ]);
    const session = await readSession(database, EARLIER.session, ADDRESS);
    const administrator = session && brandAdministrator(session);
    if (!administrator) throw new Error('no administrator');
    expect(await resolveReport(database, administrator, { id: EARLIER.openReport })).toEqual({ ok: true });
    expect(await readReports()).toEqual([]);
    const { checked, violation } = await verifyAuditLog(database);
    expect(violation).toBeNull();
    expect(checked).toBeGreaterThan(4);
  });
});
