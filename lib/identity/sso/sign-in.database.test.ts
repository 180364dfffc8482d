import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSession } from '#lib/identity/sessions/read-session.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { editUser, invitedUser } from '#lib/testing/users.ts';
import { parseIdentity } from './party-of.ts';
import { signInWithSso } from './sign-in.ts';
import type { OidcProfile } from './validate-claims.ts';

setEnvironment({
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stagedoor',
  OIDC_CLIENT_SECRET: 'secret',
});

const ADDRESS = '192.0.2.1';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const enter = (holder: OidcProfile) => signInWithSso(db.database, { holder, arrival: { address: ADDRESS } });
async function entered(holder: OidcProfile) {
  const result = await enter(holder);
  if (!result.ok) throw new Error(result.reason);
  const person = await readSession(db.database, result.sessionId, ADDRESS);
  if (!person) throw new Error('no session');
  return person;
}
const actsOf = async (userId: string) =>
  (
    await db.pool.query<{ act: string }>(
      `select act || case outcome when 'refused' then ' refused' else '' end as act from audit_events
       where user_id = $1 or target_user_id = $1 order by position`,
      [userId],
    )
  ).rows.map(({ act }) => act);
const sessionIsAlive = async (id: string) => (await readSession(db.database, id, ADDRESS)) !== null;

test('finds whoever has the address, and from then on whoever they are at the provider', async () => {
  const ada = await testAdministrator(db.database);
  const holder = someOidcProfile({ email: ada.email.toUpperCase() });
  const person = await entered(holder);
  expect(person).toMatchObject({ userId: ada.userId, name: ada.name, role: ada.role, hasRecentAuth: true });
  expect(await actsOf(ada.userId)).toEqual(['identity.linked', 'sign_in.succeeded']);
  const linked = await db.pool.query(
    "select details from audit_events where act = 'identity.linked' and user_id = $1",
    [ada.userId],
  );
  expect(linked.rows).toEqual([{ details: parseIdentity(holder.issuerAndSubject) }]);
  // An address that changes at the provider, or is not vouched for any more, changes nothing.
  const again = await entered({ ...holder, email: null });
  expect(again.userId).toBe(ada.userId);
  const { rows } = await db.pool.query('select method from sessions where user_id = $1 and id <> $2', [
    ada.userId,
    ada.sessionId,
  ]);
  expect(rows.map(({ method }) => method)).toEqual(['oidc', 'oidc']);
});

test('tells whoever has a password that single sign-on leads to their account, too', async () => {
  const ada = await testAdministrator(db.database);
  await entered(someOidcProfile({ email: ada.email }));
  const { rows } = await db.pool.query('select notice from messages where user_id = $1', [ada.userId]);
  expect(rows).toEqual([{ notice: 'single_sign_on_linked' }]);
});

test('accepts an invitation, whose link is then over', async () => {
  const by = await testAdministrator(db.database);
  const { id, email } = await invitedUser(db, by, `${uuidv7()}@example.com`);
  expect(await entered(someOidcProfile({ email }))).toMatchObject({ userId: id, name: 'Grace Hopper' });
  const { rows } = await db.pool.query('select ended_because from user_links where user_id = $1', [id]);
  expect(rows).toEqual([{ ended_because: 'withdrawn' }]);
});

test('takes the same person at another provider, too', async () => {
  const { email, userId } = await testAdministrator(db.database);
  await entered(someOidcProfile({ email }));
  const elsewhere = someOidcProfile({ email, issuerAndSubject: `https://id.example.com ${uuidv7()}` });
  expect((await entered(elsewhere)).userId).toBe(userId);
});

test.each([
  ['unknown', {}],
  ['unknown', { role: null }],
  ['no_email', { email: null }],
  ['no_email', { email: null, role: 'settings_administrator' as const }],
])('refuses with %s: %j', async (reason, fields) => {
  const holder = someOidcProfile(fields);
  expect(await enter(holder)).toEqual({ ok: false, reason });
  const { rows } = await db.pool.query(
    "select details from audit_events where act = 'sign_in.failed' order by position desc limit 1",
  );
  expect(rows).toEqual([{ details: { method: 'oidc', reason, ...parseIdentity(holder.issuerAndSubject) } }]);
});

test('puts no more than 20 refusals of one person on record in an hour', async () => {
  const before = await db.pool.query(
    "select count(*)::int as n from audit_events where act = 'sign_in.failed'",
  );
  const holder = someOidcProfile();
  await Promise.all(Array.from({ length: 40 }, () => enter(holder)));
  const after = await db.pool.query(
    "select count(*)::int as n from audit_events where act = 'sign_in.failed'",
  );
  expect(after.rows[0].n - before.rows[0].n).toBe(20);
});

test('lets nobody in who may not sign in, nor somebody else with the same address', async () => {
  const by = await testAdministrator(db.database);
  const ada = await testAdministrator(db.database);
  const holder = someOidcProfile({ email: ada.email });
  const person = await entered(holder);
  expect(await enter(someOidcProfile({ email: ada.email }))).toEqual({ ok: false, reason: 'other_identity' });
  await editUser(db, by, ada.userId, { active: false });
  expect(await sessionIsAlive(person.sessionId)).toBe(false);
  expect(await enter(holder)).toEqual({ ok: false, reason: 'inactive' });
  expect(await enter(someOidcProfile({ email: ada.email }))).toEqual({ ok: false, reason: 'inactive' });
});

test('makes somebody new where a claim gives a role: once, however often they come at once', async () => {
  const holder = someOidcProfile({ role: 'settings_viewer' });
  const people = await Promise.all(Array.from({ length: 10 }, () => entered(holder)));
  expect(new Set(people.map(({ userId }) => userId)).size).toBe(1);
  expect(people[0]).toMatchObject({ name: 'Grace Hopper', email: holder.email, role: 'settings_viewer' });
  expect((await actsOf(people[0]?.userId ?? '')).filter((act) => act !== 'sign_in.succeeded')).toEqual([
    'user.created',
    'identity.linked',
  ]);
  const { rows } = await db.pool.query('select user_id from identities where issuer_and_subject = $1', [
    holder.issuerAndSubject,
  ]);
  expect(rows).toEqual([{ user_id: people[0]?.userId }]);
});

test('makes one user of two accounts at the provider that come with the same new address at once', async () => {
  const [one, other] = [
    someOidcProfile({ role: 'settings_viewer' }),
    someOidcProfile({ role: 'settings_viewer' }),
  ];
  const email = one.email?.toUpperCase() ?? '';
  const results = await Promise.all([enter(one), enter({ ...other, email })]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results).toContainEqual({ ok: false, reason: 'other_identity' });
  const { rows } = await db.pool.query(
    'select u.id from users u join identities i on i.user_id = u.id where u.email_folded = $1',
    [one.email],
  );
  expect(rows).toHaveLength(1);
});

test('gives the role that the claim names each time, and signs out where it is another one', async () => {
  const holder = someOidcProfile({ role: 'settings_administrator' });
  const before = await entered(holder);
  expect(before.role).toBe('settings_administrator');
  const after = await entered({ ...holder, role: 'settings_viewer' });
  expect(after.role).toBe('settings_viewer');
  expect(await sessionIsAlive(before.sessionId)).toBe(false);
  expect((await entered({ ...holder, role: null })).role).toBeNull();
  const acts = (await actsOf(after.userId)).filter((act) => act.startsWith('user.role'));
  expect(acts).toEqual(['user.role_claimed', 'user.role_claimed']);
});

test('leaves the role of the last administrator, and of one of two who lose it at once', async () => {
  const alone = await createTestDatabase();
  const [one, two] = [
    someOidcProfile({ role: 'settings_administrator' }),
    someOidcProfile({ role: 'settings_administrator' }),
  ];
  const come = (holder: OidcProfile) =>
    signInWithSso(alone.database, { holder, arrival: { address: ADDRESS } });
  await come(one);
  await come(two);
  await Promise.all([come({ ...one, role: null }), come({ ...two, role: 'settings_viewer' })]);
  const { rows } = await alone.pool.query("select 1 from users where role = 'settings_administrator'");
  expect(rows).toHaveLength(1);
  const refused = await alone.pool.query(
    "select 1 from audit_events where act = 'user.role_claimed' and outcome = 'refused'",
  );
  expect(refused.rows).toHaveLength(1);
  await alone.drop();
});

test('counts as a proof only as of when the provider asked', async () => {
  const ada = await testAdministrator(db.database);
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const holder = someOidcProfile({ email: ada.email });
  for (const [authenticatedAt, proven] of [
    [minutesAgo(14), true],
    [minutesAgo(16), false],
    [minutesAgo(-60), true],
    [null, false],
    ['now', true],
  ] as const) {
    expect((await entered({ ...holder, authenticatedAt })).hasRecentAuth).toBe(proven);
  }
  const { rows } = await db.pool.query('select max(proven_at) <= now() as past from sessions');
  expect(rows).toEqual([{ past: true }]);
});
