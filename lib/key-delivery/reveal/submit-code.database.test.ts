import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { digestKey } from '#lib/api-keys/api-key.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { openReveal } from './open.ts';
import { requestNewCode } from './request-new-code.ts';
import { submitCodeSchema } from './schema.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  // Raise the SMS limits, so that no test reaches them.
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const readAuditEvents = async (accountId: string, action: string) => {
  const rows = await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.filter((row) => row.action === action);
};

/** Requests a new code without waiting for 30 seconds. */
async function issueNewCode(accountId: string, token: string) {
  await letTimePass(db.database, accountId, '31 seconds');
  expect(await requestNewCode(db.database, token)).toMatchObject({ ok: true });
  return readCurrentReveal(db.database, accountId);
}

describe('submitCode with the right code', () => {
  it('returns the username and the key, and stores the digest of the key', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const result = await submitCode(db.database, { token, code });
    expect(result).toMatchObject({ ok: true, username: account.username });
    const after = await readCurrentReveal(db.database, account.id);
    expect(result.ok && digestKey(result.key).equals(after.keyDigest ?? Buffer.alloc(0))).toBe(true);
    expect(await readSummary(db.database, account.id)).toMatchObject({ status: 'active' });
  });

  it('accepts the whole pasted text message', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const message = `${en.sms.code({ name: 'Northgate', code })}\n@access.northgate.example #${code}`;
    const input = submitCodeSchema.parse({ token, code: message });
    expect(await submitCode(db.database, input)).toMatchObject({ ok: true });
  });

  it('returns the key once, and refuses the used link afterwards', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    await submitCode(db.database, { token, code });
    expect(await submitCode(db.database, { token, code })).toEqual({ ok: false, reason: 'used' });
    expect(await openReveal(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
  });

  it('returns one key for 50 concurrent submissions over two connection pools, and records it once', async () => {
    // A process keeps no state of a reveal, so a second pool is equivalent to a second process.
    const secondConnection = connectDatabase(db.url);
    const databases = [db.database, secondConnection.database];
    for (let round = 0; round < atScale({ normal: 5, soak: 200 }); round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      const submit = (_: unknown, index: number) =>
        submitCode(databases[index % 2] ?? db.database, { token, code });
      const results = await Promise.all(Array.from({ length: 50 }, submit));
      const keys = results.flatMap((result) => (result.ok ? [result.key] : []));
      expect(keys).toHaveLength(1);
      const { keyDigest } = await readCurrentReveal(db.database, account.id);
      expect(digestKey(keys[0] ?? '')).toEqual(keyDigest);
      expect(await readAuditEvents(account.id, 'api_key.shown')).toHaveLength(1);
    }
    await secondConnection.close();
  }, 600_000);
});

describe('submitCode with a wrong code', () => {
  it('consumes an attempt and returns how many are left', async () => {
    const account = await createTestAccount(db.database, administrator);
    const { token, code } = await readCurrentReveal(db.database, account.id);
    const result = await submitCode(db.database, { token, code: makeWrongCode(code) });
    expect(result).toMatchObject({ ok: false, reason: 'wrong_code', view: { attemptsLeft: 4 } });
  });

  it('compares at most 5 of 50 concurrent wrong codes, and then refuses the right one', async () => {
    for (let round = 0; round < atScale({ normal: 1, soak: 100 }); round += 1) {
      const account = await createTestAccount(db.database, administrator);
      const { token, code } = await readCurrentReveal(db.database, account.id);
      const guess = (_: unknown, index: number) =>
        submitCode(db.database, { token, code: makeWrongCode(code, index + 1) });
      await Promise.all(Array.from({ length: 50 }, guess));
      expect(await readAuditEvents(account.id, 'reveal.wrong_code')).toHaveLength(5);
      expect(await submitCode(db.database, { token, code })).toMatchObject({ reason: 'too_many_attempts' });
    }
  }, 600_000);

  it.each(['', '   ', '12345', '1234567', 'abcdef', '12345a', '123456 654321', '0x1234', '\0\0\0\0\0\0'])(
    'consumes no attempt for a malformed code (%j)',
    async (code) => {
      const account = await createTestAccount(db.database, administrator);
      const { token } = await readCurrentReveal(db.database, account.id);
      for (let round = 0; round < 10; round += 1) {
        const result = await submitCode(db.database, submitCodeSchema.parse({ token, code }));
        expect(result).toMatchObject({ ok: false, reason: 'malformed', view: { attemptsLeft: 5 } });
      }
    },
  );

  it('locks the link after 25 wrong codes, even if new codes were requested between them', async () => {
    const account = await createTestAccount(db.database, administrator);
    let reveal = await readCurrentReveal(db.database, account.id);
    const { token } = reveal;
    for (let guess = 1; guess <= 25; guess += 1) {
      if (reveal.codeAttempts === 5) reveal = await issueNewCode(account.id, token);
      const result = await submitCode(db.database, { token, code: makeWrongCode(reveal.code) });
      expect(result).toMatchObject({ ok: false, reason: guess === 25 ? 'invalid_link' : expect.any(String) });
      reveal = await readCurrentReveal(db.database, account.id);
    }
    expect(await submitCode(db.database, { token, code: reveal.code })).toEqual({
      ok: false,
      reason: 'invalid_link',
    });
    expect(await requestNewCode(db.database, token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await readSummary(db.database, account.id)).toMatchObject({ status: 'locked' });
    expect(await readAuditEvents(account.id, 'reveal.locked')).toHaveLength(1);
  });
});
