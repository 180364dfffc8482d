import { and, eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy, smsCountOf } from '#lib/testing/sms.ts';
import { NEW_CODES_PER_LINK } from './limits.ts';
import { openReveal } from './open.ts';
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
  expect(after.codeGeneration).toBe(before.codeGeneration + 1);
  expect(await submitCode(test.database, before)).toMatchObject({ ok: false, reason: 'wrong' });
  expect(await submitCode(test.database, after)).toMatchObject({ ok: true });
});

it('is sent once if asked for many times at once', async () => {
  const account = await testAccount(test.database, administrator);
  const { id, token } = await presentReveal(test.database, account.id);
  await letTimePass(test.database, account.id, '31 seconds');
  const ask = () => requestNewCode(test.database, token);
  // On a busy machine, some wait too long for a connection and are turned away: that is no text either.
  await Promise.allSettled(Array.from({ length: atScale({ normal: 100, soak: 1_000 }) }, ask));
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

describe('where the rules for texts refuse it', () => {
  const stop = () => setSmsPolicy(test.database, { perDay: 0 });
  const allow = () => setSmsPolicy(test.database, {});

  afterEach(allow);

  it('nothing is spent, and the present code stays good', async () => {
    const { id } = await testAccount(test.database, administrator);
    await letTimePass(test.database, id, '31 seconds');
    const before = await presentReveal(test.database, id);
    await stop();
    const refused = await requestNewCode(test.database, before.token);
    expect(refused).toMatchObject({ reason: 'text_refused', view: { newCodesLeft: 5, textRefused: false } });
    expect(await presentReveal(test.database, id)).toEqual(before);
    // The code before is good, so nothing is wrong in the list.
    expect((await readSummary(test.database, id))?.textRefused).toBeNull();
    expect(await submitCode(test.database, before)).toMatchObject({ ok: true });
  });

  it('many at once and again leave one row, and the next one that may go out goes', async () => {
    const { id } = await testAccount(test.database, administrator);
    const { id: revealId, token } = await presentReveal(test.database, id);
    await letTimePass(test.database, id, '31 seconds');
    await stop();
    for (let round = 1; round <= 2; round += 1) {
      const asked = Array.from({ length: 20 }, () => requestNewCode(test.database, token));
      expect(
        (await Promise.all(asked)).every((each) => 'reason' in each && each.reason === 'text_refused'),
      ).toBe(true);
    }
    const texts = await textsOf(revealId);
    expect(texts.filter(({ state }) => state === 'refused')).toHaveLength(1);
    expect(await smsCountOf(test.database, id)).toEqual({ queued: 1, refused: 40 });
    await allow();
    expect(await requestNewCode(test.database, token)).toMatchObject({
      ok: true,
      view: { textRefused: false },
    });
    expect((await readSummary(test.database, id))?.textRefused).toBeNull();
  }, 60_000);

  it('the first text was refused as well: the page knows, and a later one makes it good', async () => {
    await stop();
    const { id } = await testAccount(test.database, administrator);
    const { token } = await presentReveal(test.database, id);
    expect(await openReveal(test.database, token)).toMatchObject({ view: { textRefused: true } });
    await letTimePass(test.database, id, '31 seconds');
    expect(await requestNewCode(test.database, token)).toMatchObject({ view: { textRefused: true } });
    await allow();
    expect(await requestNewCode(test.database, token)).toMatchObject({
      ok: true,
      view: { textRefused: false },
    });
    expect(await submitCode(test.database, await presentReveal(test.database, id))).toMatchObject({
      ok: true,
    });
  });

  it('an act too soon or one too many is told as that, and takes no text', async () => {
    const { id } = await testAccount(test.database, administrator);
    const { token } = await presentReveal(test.database, id);
    await stop();
    expect(await requestNewCode(test.database, token)).toMatchObject({ reason: 'too_soon' });
    expect(await smsCountOf(test.database, id)).toEqual({ queued: 1, refused: 0 });
  });
});
