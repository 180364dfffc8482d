import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { readSession } from '#lib/identity/sessions/read-session.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import { type Administrator, brandAdministrator, type Role } from '#lib/platform/authorization/roles.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { until } from '#lib/testing/until.ts';
import { reauthenticateWithSso } from './reauthenticate.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

// Whether somebody can sign in at a provider goes by the present one.
setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
});

const ADDRESS = '192.0.2.1';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.drop());

type Known = { person: Administrator; holder: OidcProfile };

/** Signed in as an administrator, as their claim says. */
async function someAdministrator(): Promise<Known> {
  const holder = someOidcProfile({ role: 'settings_administrator' });
  const result = await signInWithSso(db.database, { holder, arrival: { address: ADDRESS } });
  const person = result.ok && (await readSession(db.database, result.sessionId, ADDRESS));
  const administrator = person && brandAdministrator(person);
  if (!administrator) throw new Error('no administrator');
  return { person: administrator, holder };
}

const proveAs = ({ person, holder }: Known, claimed: Partial<OidcProfile>) =>
  reauthenticateWithSso(db.database, person, { ...holder, ...claimed });
const given = ({ person }: Known) => ({ ok: true, sessionId: person.sessionId });
const ROLE_CHANGED = { ok: false, reason: 'role_changed' };

async function roleOf({ person }: Known): Promise<Role | null> {
  const { rows } = await db.pool.query('select role from users where id = $1', [person.userId]);
  return rows[0].role;
}
async function acts(): Promise<string[]> {
  const { rows } = await db.pool.query(`select act || ' ' || outcome as act from audit_events
    where act not in ('user.created', 'identity.linked', 'sign_in.succeeded') order by position`);
  return rows.map(({ act }) => act);
}

/** Lets acts that begin with the lock of all acts on users get it in the order in which they are given. */
async function inOrder<T>(given: (() => Promise<T>)[]): Promise<T[]> {
  const begun: Promise<T>[] = [];
  // Those of other tests' databases, which run at the same time, are in there too.
  const waiting = async () =>
    (
      await db.pool.query(`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`)
    ).rowCount;
  await withTransaction(db.database, async (transaction) => {
    await lockUsers(transaction);
    for (const act of given) {
      begun.push(act());
      await until(waiting, (count) => count === begun.length);
    }
    expect(await waiting()).toBe(given.length);
  });
  return Promise.all(begun);
}

test.each<Role | null>(['settings_viewer', null])(
  'a claim that gives the role %s ends all sessions, and is no proof',
  async (role) => {
    await someAdministrator();
    const ada = await someAdministrator();
    await signInWithSso(db.database, { holder: ada.holder, arrival: { address: ADDRESS } });
    expect(await proveAs(ada, { role })).toEqual(ROLE_CHANGED);
    expect(await roleOf(ada)).toBe(role);
    const { rows } = await db.pool.query('select distinct ended_because from sessions where user_id = $1', [
      ada.person.userId,
    ]);
    expect(rows).toEqual([{ ended_because: 'role_changed' }]);
    expect(await acts()).toEqual(['user.role_claimed done', 'proof.failed refused']);
    expect(await proveAs(ada, { role })).toEqual({ ok: false, reason: 'over' });
  },
);

test('so does one that comes with a proof that would not count, but not one of somebody else', async () => {
  const [eve, ada] = [await someAdministrator(), await someAdministrator()];
  const asEve = { issuerAndSubject: eve.holder.issuerAndSubject, role: null };
  expect(await proveAs(ada, asEve)).toEqual({ ok: false, reason: 'other_person' });
  expect([await roleOf(ada), await roleOf(eve)]).toEqual([
    'settings_administrator',
    'settings_administrator',
  ]);
  expect(await proveAs(ada, { role: 'settings_viewer', authenticatedAt: null })).toEqual(ROLE_CHANGED);
  expect(await roleOf(ada)).toBe('settings_viewer');
});

test('the same role, or one that is given by hand, changes nothing', async () => {
  const ada = await someAdministrator();
  expect(await proveAs(ada, {})).toEqual(given(ada));
  expect(await proveAs(ada, { role: undefined })).toEqual(given(ada));
  expect(await acts()).toEqual(['proof.given done', 'proof.given done']);
});

test('the last administrator keeps theirs, and has proven who they are', async () => {
  const ada = await someAdministrator();
  expect(await proveAs(ada, { role: null })).toEqual(given(ada));
  expect(await roleOf(ada)).toBe('settings_administrator');
  expect(await acts()).toEqual(['user.role_claimed refused', 'proof.given done']);
});

test.each([0, 1])('of two who lose it at once, whoever comes second keeps it: number %i first', async (n) => {
  const people = [await someAdministrator(), await someAdministrator()];
  const [first, second] = (n === 0 ? people : people.toReversed()) as [Known, Known];
  const results = await inOrder([
    () => proveAs(first, { role: 'settings_viewer' }),
    () => proveAs(second, { role: null }),
  ]);
  expect(results).toEqual([ROLE_CHANGED, given(second)]);
  expect([await roleOf(first), await roleOf(second)]).toEqual(['settings_viewer', 'settings_administrator']);
});

const reasonOf = (result: { ok: true } | { ok: false; reason: string }) => (result.ok ? null : result.reason);

test.each(['act', 'proof'])(
  'an act of theirs is done before it, or not at all: the %s first',
  async (first) => {
    await someAdministrator();
    const ada = await someAdministrator();
    const input = { email: 'new@example.com', role: null };
    const invite = async () => reasonOf(await inviteUser(db.database, ada.person, input));
    const reauthenticate = async () => reasonOf(await proveAs(ada, { role: 'settings_viewer' }));
    const results = await inOrder(first === 'act' ? [invite, reauthenticate] : [reauthenticate, invite]);
    expect(results).toEqual(first === 'act' ? [null, 'role_changed'] : ['role_changed', 'signed_out']);
    const { rows } = await db.pool.query("select from users where email = 'new@example.com'");
    expect(rows).toHaveLength(first === 'act' ? 1 : 0);
  },
);
