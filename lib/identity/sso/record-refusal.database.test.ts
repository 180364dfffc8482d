import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { createOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { parseIdentity } from './identities.ts';
import { recordClaimsRefusal, recordSsoRefusal } from './record-refusal.ts';
import { signInWithSso } from './sign-in.ts';
import type { Claims } from './validate-claims.ts';

const ISSUER = 'https://id.example.org';
const ipAddress = '192.0.2.1';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const recordRefusedClaims = (claims: Claims) =>
  recordClaimsRefusal(db.database, claims, { reason: 'malformed', user: null, ipAddress });

async function readLastAuditEvent() {
  const { rows } = await db.pool.query(`select action, user_id, target_user_id, outcome, address, details
    from audit_events order by position desc limit 1`);
  return rows[0];
}
async function countRefusals(): Promise<number> {
  const { rows } = await db.pool.query(
    "select count(*)::int as count from audit_events where outcome = 'refused'",
  );
  return rows[0].count;
}

test('records the account at the provider, and the user to whom it is linked', async () => {
  const ada = await createTestAdministrator(db.database);
  const profile = createOidcProfile({ email: ada.email });
  const { subject: sub } = parseIdentity(profile.issuerAndSubject);
  await signInWithSso(db.database, { profile, client: { ipAddress } });
  await recordRefusedClaims({ iss: ISSUER, sub });
  const details = { method: 'oidc', reason: 'malformed', issuer: ISSUER, subject: sub };
  const refused = { user_id: null, outcome: 'refused', address: ipAddress, details };
  expect(await readLastAuditEvent()).toEqual({
    action: 'sign_in.failed',
    target_user_id: ada.userId,
    ...refused,
  });
  // This subject equals the user's only after unprintable characters are removed, so it is not the user's.
  await recordRefusedClaims({ iss: ISSUER, sub: `${sub}\0` });
  expect(await readLastAuditEvent()).toMatchObject({ target_user_id: null, details });
});

test('records a failed re-authentication if the user is signed in', async () => {
  const user = await createTestAdministrator(db.database);
  await recordClaimsRefusal(
    db.database,
    { iss: ISSUER, sub: uuidv7() },
    { reason: 'wrong_organisation', user, ipAddress },
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
])('records only the valid parts of the identity in %j', async (claims, identity) => {
  await recordRefusedClaims(claims);
  const { details } = await readLastAuditEvent();
  expect(details).toEqual({ method: 'oidc', reason: 'malformed', ...identity });
});

test('records 20 refusals an hour per account at the provider, and 20 for all accounts without an identity together', async () => {
  const sub = uuidv7();
  const before = await countRefusals();
  const refusal = { reason: 'unknown', issuerAndSubject: `${ISSUER} ${sub}`, targetUserId: null, ipAddress };
  for (let times = 0; times < 15; times += 1) {
    await recordRefusedClaims({ iss: ISSUER, sub });
    await recordSsoRefusal(db.database, refusal);
  }
  expect((await countRefusals()) - before).toBe(20);
  const countBeforeUnidentified = await countRefusals();
  for (let times = 0; times < 30; times += 1) await recordRefusedClaims({ sub: times });
  // The tests above have used a part of this limit.
  expect((await countRefusals()) - countBeforeUnidentified).toBeLessThanOrEqual(20);
});
