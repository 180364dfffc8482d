import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { someOidcProfile } from '#lib/testing/oidc-profiles.ts';
import { parseIdentity } from './party-of.ts';
import { recordClaimsRefused, recordSsoRefusal } from './record-refusal.ts';
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
  recordClaimsRefused(db.database, claims, { reason: 'malformed', person: null, address });

async function last() {
  const { rows } = await db.pool.query(`select act, user_id, target_user_id, outcome, address, details
    from audit_events order by position desc limit 1`);
  return rows[0];
}
async function onRecord(): Promise<number> {
  const { rows } = await db.pool.query(
    "select count(*)::int as n from audit_events where outcome = 'refused'",
  );
  return rows[0].n;
}

test('says who it was at the provider, and to whom here that account belongs', async () => {
  const ada = await testAdministrator(db.database);
  const holder = someOidcProfile({ email: ada.email });
  const { subject: sub } = parseIdentity(holder.issuerAndSubject);
  await signInWithSso(db.database, { holder, arrival: { address } });
  await refuse({ iss: ISSUER, sub });
  const details = { method: 'oidc', reason: 'malformed', issuer: ISSUER, subject: sub };
  const refused = { user_id: null, outcome: 'refused', address, details };
  expect(await last()).toEqual({ act: 'sign_in.failed', target_user_id: ada.userId, ...refused });
  // What only looks like theirs is not theirs.
  await refuse({ iss: ISSUER, sub: `${sub}\0` });
  expect(await last()).toMatchObject({ target_user_id: null, details });
});

test('is a proof that failed where somebody is signed in', async () => {
  const person = await testAdministrator(db.database);
  await recordClaimsRefused(
    db.database,
    { iss: ISSUER, sub: uuidv7() },
    { reason: 'foreign', person, address },
  );
  expect(await last()).toMatchObject({ act: 'proof.failed', user_id: person.userId, target_user_id: null });
});

test.each<[Claims, object]>([
  [{}, {}],
  [{ iss: 7, sub: { x: 1 } }, {}],
  [
    { iss: ISSUER, sub: 'a\0b\ud800\n' },
    { issuer: ISSUER, subject: 'ab' },
  ],
  [{ sub: '😀'.repeat(10_000) }, { subject: '😀'.repeat(127) }],
])('takes down what can be written down of %j', async (claims, party) => {
  await refuse(claims);
  expect(await last()).toMatchObject({ details: { method: 'oidc', reason: 'malformed', ...party } });
});

test('counts with the other refusals of the same person: 20 an hour, and all that say nothing together', async () => {
  const sub = uuidv7();
  const before = await onRecord();
  const other = { reason: 'unknown', issuerAndSubject: `${ISSUER} ${sub}`, targetUserId: null, address };
  for (let times = 0; times < 15; times += 1) {
    await refuse({ iss: ISSUER, sub });
    await recordSsoRefusal(db.database, other);
  }
  expect((await onRecord()) - before).toBe(20);
  const nameless = await onRecord();
  for (let times = 0; times < 30; times += 1) await refuse({ sub: times });
  expect((await onRecord()) - nameless).toBeLessThanOrEqual(20);
});
