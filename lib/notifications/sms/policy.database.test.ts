import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectDatabase, type Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { countSms, deleteSmsData, letSmsDaysPass, readSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { consumeSmsQuota } from './policy.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await avoidTimeBoundary(db.pool, 'day', 30_000);
});
beforeEach(() => deleteSmsData(db.database));
afterAll(() => db.drop());

const createAccount = (phone?: string) =>
  createTestAccount(db.database, administrator, phone ? { phone } : {});
const resetKey = (id: string, database = db.database) => resetApiKey(database, administrator, { id });
const setPolicy = (fields: Parameters<typeof setSmsPolicy>[1]) => setSmsPolicy(db.database, fields);
const CONCURRENCY = 20;
/** How often `runConcurrently` runs an action. */
const RUNS = atScale({ normal: 45, soak: 1_000 });

/** Runs an action many times, 20 at a time. Two pools have 20 connections, so no run waits for a connection. */
async function runConcurrently(action: (database: Database, index: number) => Promise<{ ok: boolean }>) {
  const secondConnection = connectDatabase(db.url);
  const databases = [db.database, secondConnection.database];
  const runners = Array.from({ length: CONCURRENCY }, async (_, runner) => {
    const results: boolean[] = [];
    for (let index = runner; index < RUNS; index += CONCURRENCY) {
      results.push((await action(databases[runner % 2] ?? db.database, index)).ok);
    }
    return results;
  });
  const results = (await Promise.all(runners).finally(() => secondConnection.close())).flat();
  expect(results).toEqual(Array.from({ length: RUNS }, () => true));
}

const readWarnings = () =>
  vi
    .mocked(process.stderr.write)
    .mock.calls.map(([line]) => String(line))
    .filter((line) => /\.\w+_(near|reached)"/.test(line))
    .map((line) => JSON.parse(line));

describe('daily limits', () => {
  it('allow exactly the limit of the installation under concurrent resets, all of which succeed', async () => {
    const accounts = await Promise.all(Array.from({ length: 10 }, () => createAccount()));
    await setPolicy({ perDay: 40, perAccountPerDay: 1_000 });
    await runConcurrently((database, index) => resetKey(accounts[index % 10]?.id ?? '', database));
    const blockedCount = 10 + RUNS - 40;
    expect(await countSms(db.database)).toMatchObject({ queued: 40, refused: blockedCount, jobs: 40 });
    expect(await readSmsCount(db.database, 'all')).toEqual({ queued: 40, refused: blockedCount });
    const emails = await db.database.select().from(messages).where(eq(messages.channel, 'email'));
    expect(emails.filter(({ state }) => state === 'queued')).toHaveLength(10 + RUNS);
  });

  it('allow exactly the limit of one account under concurrent resets, and do not affect other accounts', async () => {
    const [account, otherAccount] = [await createAccount(), await createAccount()];
    await setPolicy({ perDay: 1_000, perAccountPerDay: 7 });
    await runConcurrently((database) => resetKey(account.id, database));
    expect(await readSmsCount(db.database, account.id)).toEqual({ queued: 7, refused: 1 + RUNS - 7 });
    expect(await readSmsCount(db.database, 'all')).toEqual({ queued: 8, refused: 1 + RUNS - 7 });
    expect(await resetKey(otherAccount.id)).toMatchObject({
      ok: true,
      account: { smsBlockedReason: null },
    });
  });

  it('refund the limit of the account if the limit of the installation is reached', async () => {
    const account = await createAccount();
    await setPolicy({ perDay: 1, perAccountPerDay: 5 });
    const result = await resetKey(account.id);
    expect(result).toMatchObject({
      account: { smsBlockedReason: 'the daily limit of 1 was reached' },
    });
    expect(await readSmsCount(db.database, account.id)).toEqual({ queued: 1, refused: 1 });
  });

  it.each([
    { perDay: 0, perAccountPerDay: 20 },
    { perDay: 200, perAccountPerDay: 0 },
  ])('block every SMS if one of them is 0: %j', async (fields) => {
    await setPolicy(fields);
    const account = await createAccount();
    expect(account.smsBlockedReason).toBe('texts are turned off');
    await resetKey(account.id);
    expect(await countSms(db.database)).toMatchObject({ queued: 0, refused: 2, jobs: 0 });
    expect(await readSmsCount(db.database, account.id)).toEqual({ queued: 0, refused: 2 });
  });

  it('restart each day in UTC', async () => {
    await setPolicy({ perDay: 1, perAccountPerDay: 1 });
    const account = await createAccount();
    expect((await createAccount()).smsBlockedReason).toBe('the daily limit of 1 was reached');
    await letSmsDaysPass(db.database, 1);
    expect(await resetKey(account.id)).toMatchObject({ account: { smsBlockedReason: null } });
    expect(await resetKey(account.id)).toMatchObject({
      account: { smsBlockedReason: 'the daily limit of 1 for this account was reached' },
    });
    expect(await readSmsCount(db.database, 'all')).toEqual({ queued: 1, refused: 1 });
  });

  it('are refunded by a rollback', async () => {
    const { id: accountId } = await createAccount();
    const rolledBack = withTransaction(db.database, async (transaction) => {
      expect(await consumeSmsQuota(transaction, { accountId, phone: '+447894123456' })).toEqual({ ok: true });
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await readSmsCount(db.database, accountId)).toEqual({ queued: 1, refused: 0 });
    expect(await readSmsCount(db.database, 'all')).toEqual({ queued: 1, refused: 0 });
  });

  it('count an SMS once for any number of attempts', async () => {
    const { id } = await createAccount();
    const reveal = await readCurrentReveal(db.database, id);
    const [sms] = await db.database.select().from(messages).where(eq(messages.channel, 'sms'));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await prepareMessage(db.database, sms?.id ?? '')).toMatchObject({ to: reveal.phone });
      // Expires the code, so that the next attempt issues a new one.
      await letTimePass(db.database, id, '11 minutes');
    }
    expect(await readSmsCount(db.database, 'all')).toEqual({ queued: 1, refused: 0 });
  });

  it('are logged once at the warning threshold and once when reached', async () => {
    await setPolicy({ perDay: 10, perAccountPerDay: 1_000 });
    const account = await createAccount();
    for (let round = 0; round < 2; round += 1)
      await Promise.all(Array.from({ length: 10 }, () => resetKey(account.id)));
    expect(readWarnings()).toMatchObject([
      { level: 'warn', event: 'sms.daily_limit_near', used: 8, limit: 10 },
      { level: 'warn', event: 'sms.daily_limit_reached', used: 10, limit: 10 },
    ]);
  });
});

describe('allowed countries', () => {
  it('are checked for each SMS, so a reset sends none after the country was removed', async () => {
    await setPolicy({ countries: ['NO'] });
    const account = await createAccount('+4740612345');
    expect(account.smsBlockedReason).toBeNull();
    await setPolicy({ countries: [] });
    const result = await resetKey(account.id);
    expect(result).toMatchObject({ account: { smsBlockedReason: 'texts to Norway are turned off' } });
    expect(await countSms(db.database)).toMatchObject({ queued: 1, refused: 1, jobs: 1 });
    expect(await readSmsCount(db.database, account.id)).toEqual({ queued: 1, refused: 1 });
  });

  it('do not allow an SMS to a number that is not a mobile number', async () => {
    const { id: accountId } = await createAccount();
    const consume = (phone: string) =>
      withTransaction(db.database, (transaction) => consumeSmsQuota(transaction, { accountId, phone }));
    const blocked = { ok: false, blockedReason: 'this number can’t receive texts' };
    // A premium-rate number, and a satellite phone.
    expect(await consume('+449098790000')).toEqual(blocked);
    expect(await consume('+881612345678')).toEqual(blocked);
  });
});
