import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/auth/roles.ts';
import { letTimePass, presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { NEW_CODES_PER_LINK } from './limits.ts';
import { requestNewCode } from './request-new-code.ts';
import { submitCode } from './submit-code.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
afterAll(() => test.drop());

const textsOf = (revealId: string) =>
  test.database
    .select()
    .from(messages)
    .where(and(eq(messages.revealId, revealId), eq(messages.channel, 'sms')));

it('is refused within 30 seconds of the last code', async () => {
  const account = await testAccount(test.database, administrator);
  const { id, token } = await presentReveal(test.database, account.id);
  await letTimePass(test.database, account.id, '29 seconds');
  expect(await requestNewCode(test.database, token)).toMatchObject({ ok: false, reason: 'too_soon' });
  expect(await textsOf(id)).toHaveLength(1);
});

it('kills the code before it', async () => {
  const account = await testAccount(test.database, administrator);
  const before = await presentReveal(test.database, account.id);
  await letTimePass(test.database, account.id, '31 seconds');
  expect(await requestNewCode(test.database, before.token)).toMatchObject({ ok: true });
  const after = await presentReveal(test.database, account.id);
  expect(after.code).not.toBe(before.code);
  expect(await submitCode(test.database, before)).toMatchObject({ ok: false, reason: 'wrong' });
  expect(await submitCode(test.database, after)).toMatchObject({ ok: true });
});

it('asked for a thousand times at once is sent once', async () => {
  const account = await testAccount(test.database, administrator);
  const { id, token } = await presentReveal(test.database, account.id);
  await letTimePass(test.database, account.id, '31 seconds');
  const ask = () => requestNewCode(test.database, token);
  // On a busy machine, some wait too long for a connection and are turned away: that is no text either.
  await Promise.allSettled(Array.from({ length: 1_000 }, ask));
  expect(await textsOf(id)).toHaveLength(2);
}, 60_000);

it('is sent five times for a link, whatever anyone clicks', async () => {
  const account = await testAccount(test.database, administrator);
  const { id, token } = await presentReveal(test.database, account.id);
  for (let round = 1; round <= NEW_CODES_PER_LINK; round += 1) {
    await letTimePass(test.database, account.id, '31 seconds');
    const results = await Promise.all([
      requestNewCode(test.database, token),
      requestNewCode(test.database, token),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  }
  await letTimePass(test.database, account.id, '31 seconds');
  expect(await requestNewCode(test.database, token)).toMatchObject({
    ok: false,
    reason: 'none_left',
    view: { newCodesLeft: 0 },
  });
  expect(await textsOf(id)).toHaveLength(1 + NEW_CODES_PER_LINK);
});
