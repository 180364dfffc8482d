import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrateAndGrant } from '#db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import { startPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { copyMigratedCluster } from '#lib/testing/migrated-cluster.ts';
import { createTestUser, IP_ADDRESS, PASSWORD, setUpPasskey, setUpTotp } from '#lib/testing/test-users.ts';
import { tryLock } from '../scripts/file-lock.ts';
import { manageUsers } from './manage-users.ts';
import { type CommandResult, runInProcess, spawnProgram } from './test-command.ts';

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-admin-'));
});
afterAll(async () => {
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The password of the services' role. */
const appPassword = 'only-for-tests';

const environmentFor = (databaseUrl: string) => ({ DATABASE_URL: databaseUrl, STAGEDOOR_DATA: folder });

/** Adds the password that a command printed to its result. */
const withPassword = ({ code, output }: CommandResult) => {
  const [password = ''] = /(?<=^ {2})(?:[a-z2-9]{5}-?){4}$/m.exec(output) ?? [];
  return { code, output, password };
};

const runIn = async (databaseUrl: string, ...args: string[]) =>
  withPassword(await runInProcess(manageUsers, environmentFor(databaseUrl), ...args));
const run = (...args: string[]) => runIn(db.url, ...args);
/** Runs the command in a child process, as `npm run admin` does. */
const spawnIn = async (databaseUrl: string, ...args: string[]) =>
  withPassword(await spawnProgram('cli/admin.ts', environmentFor(databaseUrl), ...args));

const trySignIn = (email: string, password: string) =>
  signIn(db.database, { email, password, ipAddress: IP_ADDRESS });

async function readLastAuditEvent() {
  const { rows } = await db.pool.query(
    'select action, user_id, target_user_id, details from audit_events order by position desc limit 1',
  );
  return rows[0];
}

describe('npm run admin', () => {
  it('creates a user who can sign in with the printed password, rejects an existing email address, and lists users', async () => {
    const created = await run('create', ' Ada@Example.com', '--name', 'Ada Lovelace', '--role', 'viewer');
    expect(created).toMatchObject({
      code: 0,
      output: expect.stringContaining('Ada@Example.com can now sign in'),
    });
    expect(await readLastAuditEvent()).toMatchObject({
      action: 'user.created',
      user_id: null,
      details: { email: 'Ada@Example.com', role: 'settings_viewer', by: 'console' },
    });
    expect(await trySignIn('ada@example.com', created.password)).toMatchObject({ ok: true });
    const duplicate = await run('create', 'Ada <ada@example.com>');
    expect(duplicate).toMatchObject({
      code: 1,
      output: expect.stringContaining('reset-password ada@example.com'),
    });
    expect(await spawnIn(db.url, 'create', 'bob@example.com')).toMatchObject({
      code: 0,
      password: expect.stringContaining('-'),
    });
    // Earlier versions accepted names with control characters.
    await db.pool.query("update users set name = E'Ada\\x1b Lovelace' where name = 'Ada Lovelace'");
    await db.pool.query(
      `insert into users (id, email, email_folded, name, active)
     select gen_random_uuid(), email, email, '', email like 'cara%'
     from unnest(array['cara@example.com', 'dan@example.com']) as email`,
    );
    const { code, output } = await run('list');
    expect(code).toBe(0);
    const [headings = '', ada = '', bob = ''] = output.split('\n');
    expect(headings).toMatch(/^email +name +role +status +two-step sign-in +last active$/);
    expect(ada).toMatch(
      /^Ada@Example.com {2,}Ada\? Lovelace +viewer +active +none +20\d\d-\d\d-\d\d \d\d:\d\d UTC$/,
    );
    expect(bob).toMatch(/^bob@example.com {2,}bob@example.com +administrator +active +none +never$/);
    expect(output).toMatch(/^cara@example.com {2,}none +invited +none +never$/m);
    expect(output).toMatch(/^dan@example.com {2,}none +inactive +none +never$/m);
    expect(ada.indexOf('viewer')).toBe(headings.indexOf('role'));
  });

  it('resets a password, ends sessions, pending sign-ins and links, and keeps the second factor', async () => {
    const user = await createTestUser(db.database);
    await setUpTotp(db.database, user);
    await withTransaction(db.database, (transaction) => startPendingSignIn(transaction, user.userId));
    await db.pool.query(
      `insert into user_links (id, user_id, purpose, expires_at)
     values (gen_random_uuid(), $1, 'password_reset', now() + interval '1 hour')`,
      [user.userId],
    );
    expect(await readSession(db.database, user.sessionId, IP_ADDRESS)).not.toBeNull();
    const reset = await run('reset-password', `mailto:${user.email.toUpperCase()}`);
    expect(reset).toMatchObject({ code: 0, output: expect.stringContaining('--remove-second-factor') });
    expect(await readSession(db.database, user.sessionId, IP_ADDRESS)).toBeNull();
    const { rows } = await db.pool.query(
      `select password_allows_single_factor, password_changed_at, end_reason,
       (select count(*)::int from pending_sign_ins p where p.user_id = u.id) as pending
     from users u join user_links l on l.user_id = u.id where u.id = $1`,
      [user.userId],
    );
    expect(rows).toEqual([
      { password_allows_single_factor: true, password_changed_at: null, end_reason: 'withdrawn', pending: 0 },
    ]);
    expect(await readLastAuditEvent()).toEqual({
      action: 'password.reset_at_console',
      user_id: null,
      target_user_id: user.userId,
      details: { secondFactorRemoved: false, sessionsEnded: 1 },
    });
    expect(await trySignIn(user.email, PASSWORD)).toMatchObject({ reason: 'wrong_credentials' });
    expect(await trySignIn(user.email, reset.password)).toMatchObject({ reason: 'second_factor' });
  });

  it('removes the second factor if that is requested, and keeps the audit chain valid', async () => {
    const user = await createTestUser(db.database);
    await setUpTotp(db.database, user);
    await setUpPasskey(db.database, user);
    expect((await run('list')).output).toMatch(new RegExp(`^${user.email} .* passkey, app `, 'm'));
    const reset = await run('reset-password', user.email, '--remove-second-factor');
    expect(reset).toMatchObject({
      code: 0,
      output: expect.stringContaining('Their two-step sign-in has been removed'),
    });
    expect(await readLastAuditEvent()).toMatchObject({ details: { secondFactorRemoved: true } });
    expect(await trySignIn(user.email, reset.password)).toMatchObject({ ok: true });
    const { rows } = await db.pool.query(
      `select totp_secret, totp_confirmed_at, totp_last_step, (select count(*)::int from recovery_codes r
       where r.user_id = u.id) as codes from users u where id = $1`,
      [user.userId],
    );
    expect(rows).toEqual([{ totp_secret: null, totp_confirmed_at: null, totp_last_step: null, codes: 0 }]);
    expect(await verifyAuditLog(db.database, [])).toMatchObject({ violation: null });
  });

  it('unlinks the SSO account if that is requested, and warns if passwords are turned off', async () => {
    const { userId, email } = await createTestUser(db.database);
    await db.pool.query(
      "insert into identities (id, user_id, issuer_and_subject) values ($1, $1, 'https://id.example.org ada')",
      [userId],
    );
    const linked = await run('reset-password', email);
    expect(linked).toMatchObject({
      code: 0,
      output: expect.stringContaining('still linked to an account at an OpenID provider'),
    });
    expect(linked.output).not.toContain('passwords are turned off');
    vi.stubEnv('PASSWORD_SIGN_IN', '0');
    const unlinked = await run('reset-password', email, '--unlink-single-sign-on');
    expect(unlinked.output).toContain(`The next one that signs in with ${email} will be linked`);
    expect(unlinked.output).toContain('But passwords are turned off (PASSWORD_SIGN_IN=0)');
    const created = await run('create', 'eve@example.com');
    vi.unstubAllEnvs();
    expect(created).toMatchObject({
      code: 0,
      output: expect.stringContaining('can now sign in with single sign-on'),
    });
    expect(await trySignIn('eve@example.com', created.password)).toMatchObject({ ok: true });
  });

  it('explains how to correct an invalid command', async () => {
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('npm run admin -- list') });
    const invalid: [args: string[], message: string][] = [
      [
        ['reset-password', 'nobody@example.com'],
        'There is no user with the email address nobody@example.com',
      ],
      [['reset-password'], 'Enter one email address.'],
      [['create', 'nobody'], '"nobody" isn\'t an email address'],
      [['create', 'x@example.com', '--name', 'Ada\ue000 Lovelace'], "This name can't be used"],
      [['create', 'x@example.com', '--role', 'owner'], 'Use administrator or viewer'],
      [['create', 'x@example.com', '--unlink-single-sign-on'], 'npm run admin -- create'],
      [['list', '--remove-second-factor'], 'npm run admin -- list'],
      [['toString'], '"toString" isn\'t a command'],
    ];
    for (const [args, message] of invalid)
      expect(await run(...args)).toMatchObject({ code: 1, output: expect.stringContaining(message) });
    expect(await spawnIn('', 'list')).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no database in'),
    });
  });

  it('works on a data folder whether its database is running or not', async () => {
    const options = { folder: path.join(folder, 'postgres'), parameters: { fsync: 'off' } };
    await copyMigratedCluster(options.folder);
    const server = await startEmbeddedPostgres(options);
    const { url } = await migrateAndGrant({ databaseUrl: server.url, appPassword, mayPrune: false });
    await server.stop();
    expect(await spawnIn('', 'create', 'ada@example.com')).toMatchObject({ code: 0 });
    const restarted = await startEmbeddedPostgres(options);
    const { port } = new URL(restarted.url);
    // A running Stagedoor holds this lock.
    const release = await tryLock(path.join(folder, 'lock'));
    const reset = await runIn('', 'reset-password', 'ada@example.com');
    const { database, close } = connectDatabase(Object.assign(new URL(url), { port }).href);
    const input = { email: 'ada@example.com', password: reset.password, ipAddress: IP_ADDRESS };
    expect(await signIn(database, input)).toMatchObject({ ok: true });
    await close();
    release?.();
    await restarted.stop();
  });
});
