import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { changeAccount } from '#lib/testing/contact-changes.ts';
import { resetApiKey } from './reset-key.ts';
import type { AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';

let db: TestDatabase;
let ada: Administrator;
let ben: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  ada = await createTestAdministrator(db.database, 'Ada Minister');
  ben = await createTestAdministrator(db.database, 'Ben Minister');
});
afterAll(() => db.drop());

/** Confirms a reset in a dialog that shows the account as `seen`. */
const confirmReset = (administrator: Administrator, { id, version, revealId, hasKey }: AccountSummary) =>
  resetApiKey(db.database, administrator, { id, seen: { version, revealId, hasKey } });

async function read(id: string): Promise<AccountSummary> {
  const account = await readSummary(db.database, id);
  if (!account) throw new Error('no account');
  return account;
}

async function createAccountWithKey(): Promise<AccountSummary> {
  const { id } = await createTestAccount(db.database, ada);
  await revealKey(db.database, id);
  return read(id);
}

describe('resetApiKey with what the administrator has seen', () => {
  it('keeps a new key that was collected after another administrator’s reset', async () => {
    const seen = await createAccountWithKey();
    await confirmReset(ada, seen);
    await revealKey(db.database, seen.id);
    const { keyDigest } = await readCurrentReveal(db.database, seen.id);

    const refused = await confirmReset(ben, seen);

    expect(refused).toMatchObject({
      reason: 'changed',
      change: { kind: 'reset', by: 'Ada Minister', isOwn: false },
      current: { hasKey: true },
    });
    expect((await readCurrentReveal(db.database, seen.id)).keyDigest).toEqual(keyDigest);
    if (refused.ok || refused.reason !== 'changed') throw new Error('not refused');
    expect(refused.readAt.getTime()).toBeGreaterThanOrEqual(refused.change.at.getTime());
    expect(await confirmReset(ben, refused.current)).toMatchObject({ ok: true });
    expect((await readCurrentReveal(db.database, seen.id)).keyDigest).toBeNull();
  });

  it('keeps a new link and code that were not used yet', async () => {
    const seen = await createAccountWithKey();
    await confirmReset(ada, seen);
    const { id } = await readCurrentReveal(db.database, seen.id);
    expect(await confirmReset(ben, seen)).toMatchObject({
      change: { kind: 'reset', by: 'Ada Minister' },
      current: { hasKey: false, status: 'awaiting_collection' },
    });
    expect(await readCurrentReveal(db.database, seen.id)).toMatchObject({ id, endedAt: null });
  });

  it('resets once if the same confirmation arrives twice, such as after a lost response', async () => {
    const seen = await createAccountWithKey();
    const results = await Promise.all([confirmReset(ada, seen), confirmReset(ada, seen)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ change: { kind: 'reset', isOwn: true } });
  });

  it('keeps a key that was collected while the dialog was open', async () => {
    const seen = await createTestAccount(db.database, ada);
    const key = await revealKey(db.database, seen.id);
    expect(key).not.toBe('');
    expect(await confirmReset(ada, seen)).toMatchObject({
      change: { kind: 'collected', by: null, isOwn: false },
    });
    expect((await read(seen.id)).status).toBe('active');
  });

  it('sends nothing to contact details that the administrator has not seen', async () => {
    const seen = await createTestAccount(db.database, ada);
    await changeAccount(db.database, ben, seen, { email: 'new@example.com' });
    const { id } = await readCurrentReveal(db.database, seen.id);
    expect(await confirmReset(ada, seen)).toMatchObject({
      change: { kind: 'edited', by: 'Ben Minister', isOwn: false },
      current: { email: 'new@example.com' },
    });
    expect(await readCurrentReveal(db.database, seen.id)).toMatchObject({ id });
  });

  it('names the reset rather than an edit after it', async () => {
    const seen = await createAccountWithKey();
    await confirmReset(ada, seen);
    await changeAccount(db.database, ben, await read(seen.id), { phone: '+447894123999' });
    expect(await confirmReset(ben, seen)).toMatchObject({
      change: { kind: 'reset', by: 'Ada Minister', isOwn: false },
    });
  });
});
