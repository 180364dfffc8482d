import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { parseIdentity } from './identities.ts';
import { recordClaimsRefusal, recordSsoRefusal } from './record-refusal.ts';
import { signInWithSso } from './sign-in.ts';
import type { Claims } from './validate-claims.ts';

const ISSUER = 'https://id.example.org';
const address = '192.0.2.1';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const refuse = (claims: Claims) =>
  recordClaimsRefusal(db.database, claims, { reason: 'malformed', user: null, address });

async function readLastAuditEvent() {
  const { rows } = await db.pool.query(`select action, user_id, target_user_id, outcome, address, details
    from audit_events order by position desc limit 1`);
  return rows[0];
}
async function countRefusals(): Promise<number> {
  const { rows } = await db.pool.query(
    "select count(*)::int as n from audit_events where outcome = 'refused'",
  );
  return rows[0].n;
}

test('records the account at the provider, and the user it is linked to', async () => {
  const ada = await testAdministrator(db.database);
  const profile = someOidcProfile({ email: ada.email });
  const { subject: sub } = parseIdentity(profile.issuerAndSubject);
  await signInWithSso(db.database, { profile, client: { address } });
  await refuse({ iss: ISSUER, sub });
  const details = { method: 'oidc', reason: 'malformed', issuer: ISSUER, subject: sub };
  const refused = { user_id: null, outcome: 'refused', address, details };
  expect(await readLastAuditEvent()).toEqual({
    action: 'sign_in.failed',
    target_user_id: ada.userId,
    ...refused,
  });
  // A subject that equals theirs only after clean-up is not theirs.
  await refuse({ iss: ISSUER, sub: `${sub}\0` });
  expect(await readLastAuditEvent()).toMatchObject({ target_user_id: null, details });
});

test('records a failed re-authentication if the user is signed in', async () => {
  const user = await testAdministrator(db.database);
  await recordClaimsRefusal(
    db.database,
    { iss: ISSUER, sub: uuidv7() },
    { reason: 'foreign', user, address },
  );
  expect(await readLastAuditEvent()).toMatchObject({
    action: 'proof.failed',
    user_id: user.userId,
    target_user_id: null,
  });
});

test.each<[Claims, object]>([
  [{}, {}],
  [{ iss: 7, sub: { x: 1 } }, {}],
  [
    { iss: ISSUER, sub: 'a\0b\ud800\n' },
    { issuer: ISSUER, subject: 'ab' },
  ],
  [{ sub: '😀'.repeat(10_000) }, { subject: '😀'.repeat(127) }],
])('records the storable part of %j', async (claims, identity) => {
  await refuse(claims);
  expect(await readLastAuditEvent()).toMatchObject({
    details: { method: 'oidc', reason: 'malformed', ...identity },
  });
});

test('records 20 refusals an hour per account, and 20 for all unidentified ones together', async () => {
  const sub = uuidv7();
  const before = await countRefusals();
  const other = { reason: 'unknown', issuerAndSubject: `${ISSUER} ${sub}`, targetUserId: null, address };
  for (let times = 0; times < 15; times += 1) {
    await refuse({ iss: ISSUER, sub });
    await recordSsoRefusal(db.database, other);
  }
  expect((await countRefusals()) - before).toBe(20);
  const countBeforeUnidentified = await countRefusals();
  for (let times = 0; times < 30; times += 1) await refuse({ sub: times });
  expect((await countRefusals()) - countBeforeUnidentified).toBeLessThanOrEqual(20);
});
