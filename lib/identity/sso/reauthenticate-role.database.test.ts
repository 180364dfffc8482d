import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { readSession } from '#lib/identity/sessions/touch-session.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import { type Administrator, brandAdministrator, type Role } from '#lib/platform/authorization/roles.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { until } from '#lib/testing/until.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

// The administrators of these tests can sign in only at this provider.
setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
});

const IP_ADDRESS = '192.0.2.1';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

type SsoAdministrator = { user: Administrator; profile: OidcProfile };

/** Creates and signs in an administrator whose role comes from a claim. */
async function createSsoAdministrator(): Promise<SsoAdministrator> {
  const profile = createOidcProfile({ role: 'settings_administrator' });
  const result = await signInWithSso(db.database, { profile, client: { ipAddress: IP_ADDRESS } });
  const user = result.ok && (await readSession(db.database, result.sessionId, IP_ADDRESS));
  const administrator = user && brandAdministrator(user);
  if (!administrator) throw new Error('no administrator');
  return { user: administrator, profile };
}

const reauthenticate = ({ user, profile }: SsoAdministrator, changes: Partial<OidcProfile>) =>
  reauthenticateWithSso(db.database, user, { ...profile, ...changes });
const getSuccess = ({ user }: SsoAdministrator) => ({ ok: true, sessionId: user.sessionId });
const ROLE_CHANGED = { ok: false, reason: 'role_changed' };

async function readRole({ user }: SsoAdministrator): Promise<Role | null> {
  const { rows } = await db.pool.query('select role from users where id = $1', [user.userId]);
  return rows[0].role;
}
async function readAuditEvents(): Promise<string[]> {
  const { rows } = await db.pool.query(`select action || ' ' || outcome as action from audit_events
    where action not in ('user.created', 'identity.linked', 'sign_in.succeeded') order by position`);
  return rows.map(({ action }) => action);
}

/** Runs actions that call `lockUsers` first, so that they get the lock in the given order. */
async function runInOrder<T>(actions: (() => Promise<T>)[]): Promise<T[]> {
  const started: Promise<T>[] = [];
  // pg_locks also lists locks in the databases of concurrent tests.
  const countWaiting = async () =>
    (
      await db.pool.query(`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`)
    ).rowCount;
  await withTransaction(db.database, async (transaction) => {
    await lockUsers(transaction);
    for (const action of actions) {
      started.push(action());
      await until(countWaiting, (count) => count === started.length);
    }
    expect(await countWaiting()).toBe(actions.length);
  });
  return Promise.all(started);
}

test.each<Role | null>(['settings_viewer', null])(
  'applies a claim that changes the role to %s, rejects the re-authentication and ends all sessions',
  async (role) => {
    await createSsoAdministrator();
    const ada = await createSsoAdministrator();
    await signInWithSso(db.database, { profile: ada.profile, client: { ipAddress: IP_ADDRESS } });
    expect(await reauthenticate(ada, { role })).toEqual(ROLE_CHANGED);
    expect(await readRole(ada)).toBe(role);
    const { rows } = await db.pool.query('select distinct end_reason from sessions where user_id = $1', [
      ada.user.userId,
    ]);
    expect(rows).toEqual([{ end_reason: 'role_changed' }]);
    expect(await readAuditEvents()).toEqual(['user.role_claimed done', 'proof.failed refused']);
    expect(await reauthenticate(ada, { role })).toEqual({ ok: false, reason: 'expired' });
  },
);

test('applies a changed role even if the authentication is too old, but not if the account is another user’s', async () => {
  const [eve, ada] = [await createSsoAdministrator(), await createSsoAdministrator()];
  const asEve = { issuerAndSubject: eve.profile.issuerAndSubject, role: null };
  expect(await reauthenticate(ada, asEve)).toEqual({ ok: false, reason: 'wrong_account' });
  expect([await readRole(ada), await readRole(eve)]).toEqual([
    'settings_administrator',
    'settings_administrator',
  ]);
  expect(await reauthenticate(ada, { role: 'settings_viewer', authenticatedAt: null })).toEqual(ROLE_CHANGED);
  expect(await readRole(ada)).toBe('settings_viewer');
});

test('keeps the role if the claim is the same, or if the settings map no claim to roles', async () => {
  const ada = await createSsoAdministrator();
  expect(await reauthenticate(ada, {})).toEqual(getSuccess(ada));
  expect(await reauthenticate(ada, { role: undefined })).toEqual(getSuccess(ada));
  expect(await readAuditEvents()).toEqual(['proof.given done', 'proof.given done']);
});

test('re-authenticates the last administrator, who keeps the role, whatever the claim says', async () => {
  const ada = await createSsoAdministrator();
  expect(await reauthenticate(ada, { role: null })).toEqual(getSuccess(ada));
  expect(await readRole(ada)).toBe('settings_administrator');
  expect(await readAuditEvents()).toEqual(['user.role_claimed refused', 'proof.given done']);
});

test.each(['older', 'newer'])(
  'changes the role of the %s of two administrators if it re-authenticates first, and keeps the role of the other',
  async (changedOne) => {
    const administrators = [await createSsoAdministrator(), await createSsoAdministrator()];
    const [changed, kept] = (changedOne === 'older' ? administrators : administrators.toReversed()) as [
      SsoAdministrator,
      SsoAdministrator,
    ];
    const results = await runInOrder([
      () => reauthenticate(changed, { role: 'settings_viewer' }),
      () => reauthenticate(kept, { role: null }),
    ]);
    expect(results).toEqual([ROLE_CHANGED, getSuccess(kept)]);
    expect([await readRole(changed), await readRole(kept)]).toEqual([
      'settings_viewer',
      'settings_administrator',
    ]);
  },
);

const getReason = (result: { ok: true } | { ok: false; reason: string }) =>
  result.ok ? null : result.reason;

test.each(['invitation', 'reauthentication'])(
  'performs a concurrent action of the user only if it comes before the role change: %s first',
  async (first) => {
    await createSsoAdministrator();
    const ada = await createSsoAdministrator();
    const input = { email: 'new@example.com', role: null };
    const invite = async () => getReason(await inviteUser(db.database, ada.user, input));
    const reauthenticateAs = async () => getReason(await reauthenticate(ada, { role: 'settings_viewer' }));
    const results = await runInOrder(
      first === 'invitation' ? [invite, reauthenticateAs] : [reauthenticateAs, invite],
    );
    expect(results).toEqual(first === 'invitation' ? [null, 'role_changed'] : ['role_changed', 'signed_out']);
    const { rows } = await db.pool.query("select from users where email = 'new@example.com'");
    expect(rows).toHaveLength(first === 'invitation' ? 1 : 0);
  },
);
