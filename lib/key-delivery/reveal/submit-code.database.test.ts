import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { digestKey } from '#lib/api-keys/digest.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  letTimePass,
  presentReveal,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { openReveal } from './open.ts';
import { requestNewCode } from './request-new-code.ts';
import { submitCode } from './submit-code.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  // So that no ceiling of the rules for texts is in the way.
  await setSmsPolicy(test.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

const actsOf = async (accountId: string, act: string) => {
  const rows = await test.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId));
  return rows.filter((row) => row.act === act);
};

/** Shows a new code's tries to be fresh without waiting for 30 seconds. */
async function freshCode(accountId: string, token: string) {
  await letTimePass(test.database, accountId, '31 seconds');
  expect(await requestNewCode(test.database, token)).toMatchObject({ ok: true });
  return presentReveal(test.database, accountId);
}

describe('the right code', () => {
  it('shows username and key, and stores only the digest', async () => {
    const account = await testAccount(test.database, administrator);
    const { token, code } = await presentReveal(test.database, account.id);
    const shown = await submitCode(test.database, { token, code });
    expect(shown).toMatchObject({ ok: true, username: account.username });
    const after = await presentReveal(test.database, account.id);
    expect(shown.ok && digestKey(shown.key).equals(after.keyDigest ?? Buffer.alloc(0))).toBe(true);
    expect(await readSummary(test.database, account.id)).toMatchObject({ status: 'active' });
  });

  it('is taken with spaces and dashes, as people paste it', async () => {
    const account = await testAccount(test.database, administrator);
    const { token, code } = await presentReveal(test.database, account.id);
    const typed = ` ${code.slice(0, 3)} -${code.slice(3)}\n`;
    expect(await submitCode(test.database, { token, code: typed })).toMatchObject({ ok: true });
  });

  it('shows a key once: afterwards the link was used', async () => {
    const account = await testAccount(test.database, administrator);
    const { token, code } = await presentReveal(test.database, account.id);
    await submitCode(test.database, { token, code });
    expect(await submitCode(test.database, { token, code })).toEqual({ ok: false, reason: 'used' });
    expect(await openReveal(test.database, token)).toEqual({ ok: false, reason: 'ended' });
  });

  it('sent 50 times at once, by two processes, shows one key, with one digest and one audit row', async () => {
    // Nothing of a reveal is kept in a process: another pool stands for another process.
    const other = connectDatabase(test.url);
    const databases = [test.database, other.database];
    for (let round = 0; round < atScale({ normal: 5, soak: 200 }); round += 1) {
      const account = await testAccount(test.database, administrator);
      const { token, code } = await presentReveal(test.database, account.id);
      const submit = (_: unknown, index: number) =>
        submitCode(databases[index % 2] ?? test.database, { token, code });
      const results = await Promise.all(Array.from({ length: 50 }, submit));
      const keys = results.flatMap((result) => (result.ok ? [result.key] : []));
      expect(keys).toHaveLength(1);
      const { keyDigest } = await presentReveal(test.database, account.id);
      expect(digestKey(keys[0] ?? '')).toEqual(keyDigest);
      expect(await actsOf(account.id, 'api_key.shown')).toHaveLength(1);
    }
    await other.close();
  }, 600_000);
});

describe('a wrong code', () => {
  it('costs a try, and says how many are left', async () => {
    const account = await testAccount(test.database, administrator);
    const { token, code } = await presentReveal(test.database, account.id);
    const result = await submitCode(test.database, { token, code: wrongCode(code) });
    expect(result).toMatchObject({ ok: false, reason: 'wrong', view: { triesLeft: 4 } });
  });

  it('sent 50 times at once is compared at most 5 times, and the right one is then refused', async () => {
    for (let round = 0; round < atScale({ normal: 1, soak: 100 }); round += 1) {
      const account = await testAccount(test.database, administrator);
      const { token, code } = await presentReveal(test.database, account.id);
      const guess = (_: unknown, index: number) =>
        submitCode(test.database, { token, code: wrongCode(code, index + 1) });
      await Promise.all(Array.from({ length: 50 }, guess));
      expect(await actsOf(account.id, 'reveal.wrong_code')).toHaveLength(5);
      expect(await submitCode(test.database, { token, code })).toMatchObject({ reason: 'code_dead' });
    }
  }, 600_000);

  it.each(['', '   ', '12345', '1234567', 'abcdef', '12345a', '１２３４５６', '0x1234', '\0\0\0\0\0\0'])(
    'that is none (%j) costs nothing',
    async (code) => {
      const account = await testAccount(test.database, administrator);
      const { token } = await presentReveal(test.database, account.id);
      for (let round = 0; round < 10; round += 1) {
        const result = await submitCode(test.database, { token, code });
        expect(result).toMatchObject({ ok: false, reason: 'malformed', view: { triesLeft: 5 } });
      }
    },
  );

  it('for the 25th time locks the link, however many codes were asked for', async () => {
    const account = await testAccount(test.database, administrator);
    let reveal = await presentReveal(test.database, account.id);
    const { token } = reveal;
    for (let guess = 1; guess <= 25; guess += 1) {
      if (reveal.codeTries === 5) reveal = await freshCode(account.id, token);
      const result = await submitCode(test.database, { token, code: wrongCode(reveal.code) });
      expect(result).toMatchObject({ ok: false, reason: guess === 25 ? 'ended' : expect.any(String) });
      reveal = await presentReveal(test.database, account.id);
    }
    expect(await submitCode(test.database, { token, code: reveal.code })).toEqual({
      ok: false,
      reason: 'ended',
    });
    expect(await requestNewCode(test.database, token)).toEqual({ ok: false, reason: 'ended' });
    expect(await readSummary(test.database, account.id)).toMatchObject({ status: 'locked' });
    expect(await actsOf(account.id, 'reveal.locked')).toHaveLength(1);
  });
});
