import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, readCurrentReveal } from '#lib/testing/accounts.ts';
import { KEY_TAG } from '#lib/testing/verifier.ts';
import { claimKey } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Creates a claim as it is after an attempt was consumed and its code matched. */
async function createClaim() {
  const { id: accountId } = await createTestAccount(db.database, administrator);
  const { id: revealId, codeGeneration } = await readCurrentReveal(db.database, accountId);
  return { accountId, revealId, codeGeneration, ipAddress: '192.0.2.7' };
}

describe('claimKey', () => {
  it('returns a key to the first claim and null to the second', async () => {
    const claim = await createClaim();
    const credentials = await claimKey(db.database, claim, KEY_TAG);
    expect(credentials).not.toBeNull();
    const before = await readCurrentReveal(db.database, claim.accountId);
    expect(await claimKey(db.database, claim, KEY_TAG)).toBeNull();
    expect(await readCurrentReveal(db.database, claim.accountId)).toEqual(before);
  });

  // A concurrent request can lock the reveal or issue a code after the comparison. The last case is a second line of
  // defence: no operation leaves behind an open reveal that is not the current one.
  it.each([
    ['was locked', "update reveals set ended_at = now(), end_reason = 'locked' where id = $1"],
    ['got a newer code', 'update reveals set code_generation = 2 where id = $1'],
    ['stopped being the current one', 'update api_accounts set reveal_id = null where reveal_id = $1'],
  ])('returns null if the reveal %s after the code was compared', async (_, change) => {
    const claim = await createClaim();
    await db.pool.query(change, [claim.revealId]);
    expect(await claimKey(db.database, claim, KEY_TAG)).toBeNull();
    const { rows } = await db.pool.query('select key_digest from api_accounts where id = $1', [
      claim.accountId,
    ]);
    expect(rows).toEqual([{ key_digest: null }]);
  });
});
