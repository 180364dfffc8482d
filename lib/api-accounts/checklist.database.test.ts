import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { inviteTestUser } from '#lib/testing/users.ts';
import { dismissChecklistFor, readChecklist } from './checklist.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeEach(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterEach(() => db.drop());

/** Lists the steps that are done; null if no checklist is shown. */
async function listDone(reader = administrator): Promise<string[] | null> {
  const checklist = await readChecklist(db.database, reader);
  return checklist?.filter(({ isDone }) => isDone).map(({ step }) => step) ?? null;
}

const recordUse = (id: string) =>
  db.pool.query('update api_account_usage set last_used_at = now() where account_id = $1', [id]);

/** Does every step but the providers, which are settings. */
async function doAllSteps(): Promise<void> {
  const { id } = await createTestAccount(db.database, administrator);
  await revealKey(db.database, id);
  await recordUse(id);
  await inviteTestUser(db, administrator, 'grace@example.com');
}

describe('readChecklist', () => {
  it('marks each step as done when its data exists, and keeps it done after a reset', async () => {
    expect(await listDone()).toEqual([]);
    const { id } = await createTestAccount(db.database, administrator);
    expect(await listDone()).toEqual(['account']);
    await revealKey(db.database, id);
    expect(await listDone()).toEqual(['account', 'key']);
    await recordUse(id);
    expect(await listDone()).toEqual(['account', 'key', 'verification']);
    await inviteTestUser(db, administrator, 'grace@example.com');
    const allButProviders = ['account', 'key', 'verification', 'colleague'];
    expect(await listDone()).toEqual(allButProviders);
    await resetApiKey(db.database, administrator, { id });
    expect(await listDone()).toEqual(allButProviders);
  });

  it('returns null for the administrator who dismissed it, and not for another one', async () => {
    const other = await createTestAdministrator(db.database);
    await dismissChecklistFor(db.database, administrator);
    expect(await listDone()).toBeNull();
    expect(await listDone(other)).toEqual(['colleague']);
  });

  describe('with an email provider only', () => {
    setEnvironment({ RESEND_API_KEY: 're_1', EMAIL_FROM: 'access@example.org' });

    it('waits for the SMS provider', async () => {
      await doAllSteps();
      expect(await listDone()).toHaveLength(4);
    });
  });

  describe('with both providers', () => {
    setEnvironment({ RESEND_API_KEY: 're_1', EMAIL_FROM: 'access@example.org', SMS_PROVIDER: 'sns' });

    it('returns null when all steps are done', async () => {
      expect(await listDone()).toEqual(['providers']);
      await doAllSteps();
      expect(await listDone()).toBeNull();
    });
  });
});
