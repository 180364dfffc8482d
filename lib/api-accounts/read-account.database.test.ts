import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { readAccount } from './read-account.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('readAccount', () => {
  it('returns who created the account, when its key was issued, and from where it was last used', async () => {
    const administrator = await createTestAdministrator(db.database, 'Grace Hopper');
    const account = await createTestAccount(db.database, administrator);
    expect(await readAccount(db.database, account.id)).toMatchObject({
      ...account,
      createdBy: 'Grace Hopper',
      keyIssuedAt: null,
      lastUsedAt: null,
      lastIpAddress: null,
      displayName: '',
      notes: '',
    });
    await revealKey(db.database, account.id);
    await db.pool.query(
      "update api_account_usage set last_used_at = now(), last_address = '2001:db8::1' where account_id = $1",
      [account.id],
    );
    const used = await readAccount(db.database, account.id);
    expect(used).toMatchObject({ hasKey: true, lastIpAddress: '2001:db8::1' });
    expect(Number(used?.keyIssuedAt)).toBeGreaterThanOrEqual(Number(used?.createdAt));
    expect(await readAccount(db.database, uuidv7())).toBeNull();
  });
});
