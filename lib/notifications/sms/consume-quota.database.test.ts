import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectDatabase, type Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { waitForCalm } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { deleteTexts, letSmsDaysPass, setSmsPolicy, smsCountOf, textsOf } from '#lib/testing/sms.ts';
import { prepareMessage } from '#lib/worker/prepare-message.ts';
import { consumeSmsQuota } from './consume-quota.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  await waitForCalm(test.pool, 'day', 30_000);
});
beforeEach(() => deleteTexts(test.database));
afterAll(() => test.drop());

const account = (phone?: string) => testAccount(test.database, administrator, phone ? { phone } : {});
const reset = (id: string, database = test.database) => resetApiKey(database, administrator, { id });
const rules = (fields: Parameters<typeof setSmsPolicy>[1]) => setSmsPolicy(test.database, fields);
const LANES = 20;
const ACTS = atScale({ normal: 60, soak: 1_000 });
/** Does that many acts, twenty at once: as many as two pools have connections, so that none waits for one. */
async function manyAtOnce(act: (database: Database, index: number) => Promise<{ ok: boolean }>) {
  const other = connectDatabase(test.url);
  const databases = [test.database, other.database];
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const results: boolean[] = [];
    for (let index = lane; index < ACTS; index += LANES) {
      results.push((await act(databases[lane % 2] ?? test.database, index)).ok);
    }
    return results;
  });
  const results = (await Promise.all(lanes).finally(() => other.close())).flat();
  expect(results).toEqual(Array.from({ length: ACTS }, () => true));
}
const warnings = () =>
  vi
    .mocked(process.stderr.write)
    .mock.calls.map(([line]) => String(line))
    .filter((line) => line.includes('texts.'))
    .map((line) => JSON.parse(line));

describe('the ceilings', () => {
  it('of the installation is exact under many acts at once, each of which succeeds', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => account()));
    await rules({ perDay: 40, perAccountPerDay: 1_000 });
    await manyAtOnce((database, index) => reset(ten[index % 10]?.id ?? '', database));
    const refused = 10 + ACTS - 40;
    expect(await textsOf(test.database)).toMatchObject({ queued: 40, refused, jobs: 40 });
    expect(await smsCountOf(test.database, 'all')).toEqual({ queued: 40, refused });
    const emails = await test.database.select().from(messages).where(eq(messages.channel, 'email'));
    expect(emails.filter(({ state }) => state === 'queued')).toHaveLength(10 + ACTS);
  }, 300_000);

  it('of an account is exact under many acts at once, and takes nothing from the others', async () => {
    const [one, other] = [await account(), await account()];
    await rules({ perDay: 1_000, perAccountPerDay: 7 });
    await manyAtOnce((database) => reset(one.id, database));
    expect(await smsCountOf(test.database, one.id)).toEqual({ queued: 7, refused: 1 + ACTS - 7 });
    expect(await smsCountOf(test.database, 'all')).toEqual({ queued: 8, refused: 1 + ACTS - 7 });
    expect(await reset(other.id)).toMatchObject({ ok: true, account: { textRefused: null } });
  }, 300_000);

  it('of both together: what the installation refuses is given back to the account', async () => {
    const one = await account();
    await rules({ perDay: 1, perAccountPerDay: 5 });
    const refused = await reset(one.id);
    expect(refused).toMatchObject({
      account: { textRefused: 'The ceiling of 1 text a day (in UTC) for all accounts together was reached.' },
    });
    expect(await smsCountOf(test.database, one.id)).toEqual({ queued: 1, refused: 1 });
  });

  it.each([
    { perDay: 0, perAccountPerDay: 20 },
    { perDay: 200, perAccountPerDay: 0 },
  ])('of 0 let nothing out: %j', async (fields) => {
    await rules(fields);
    const one = await account();
    expect(one.textRefused).toMatch(/^The ceiling of 0 texts a day/);
    await reset(one.id);
    expect(await textsOf(test.database)).toMatchObject({ queued: 0, refused: 2, jobs: 0 });
    expect(await smsCountOf(test.database, one.id)).toEqual({ queued: 0, refused: 2 });
  });

  it('begin anew with the day, in UTC', async () => {
    await rules({ perDay: 1, perAccountPerDay: 1 });
    const one = await account();
    expect((await account()).textRefused).toMatch(/for all accounts together was reached/);
    await letSmsDaysPass(test.database, 1);
    expect(await reset(one.id)).toMatchObject({ account: { textRefused: null } });
    expect(await reset(one.id)).toMatchObject({ account: { textRefused: expect.any(String) } });
    expect(await smsCountOf(test.database, 'all')).toEqual({ queued: 1, refused: 1 });
  });

  it('are not touched by an act that is rolled back', async () => {
    const { id: accountId } = await account();
    const act = withTransaction(test.database, async (transaction) => {
      expect(await consumeSmsQuota(transaction, { accountId, phone: '+447894123456' })).toEqual({ ok: true });
      throw new Error('rolled back');
    });
    await expect(act).rejects.toThrow('rolled back');
    expect(await smsCountOf(test.database, accountId)).toEqual({ queued: 1, refused: 0 });
    expect(await smsCountOf(test.database, 'all')).toEqual({ queued: 1, refused: 0 });
  });

  it('count a text once, however often its sending is tried', async () => {
    const { id } = await account();
    const reveal = await presentReveal(test.database, id);
    const [text] = await test.database.select().from(messages).where(eq(messages.channel, 'sms'));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await prepareMessage(test.database, text?.id ?? '')).toMatchObject({ to: reveal.phone });
      // The code expires meanwhile, so that the text takes a fresh one.
      await letTimePass(test.database, id, '11 minutes');
    }
    expect(await smsCountOf(test.database, 'all')).toEqual({ queued: 1, refused: 0 });
  });

  it('are told to the log once as they come near and once as they are reached', async () => {
    await rules({ perDay: 10, perAccountPerDay: 1_000 });
    const one = await account();
    for (let turn = 0; turn < 2; turn += 1)
      await Promise.all(Array.from({ length: 10 }, () => reset(one.id)));
    expect(warnings()).toMatchObject([
      { level: 'warn', event: 'texts.ceiling_near', used: 8, ceiling: 10 },
      { level: 'warn', event: 'texts.ceiling_reached', used: 10, ceiling: 10 },
    ]);
  });
});

describe('the countries', () => {
  it('are asked again when a text is queued: switched off meanwhile, it is refused', async () => {
    await rules({ countries: ['NO'] });
    const one = await account('+4740612345');
    expect(one.textRefused).toBeNull();
    await rules({ countries: [] });
    const result = await reset(one.id);
    expect(result).toMatchObject({ account: { textRefused: 'Texts to Norway are not switched on.' } });
    expect(await textsOf(test.database)).toMatchObject({ queued: 1, refused: 1, jobs: 1 });
    expect(await smsCountOf(test.database, one.id)).toEqual({ queued: 1, refused: 1 });
  });

  it('do not help a number that no text may go to, whoever put it there', async () => {
    const { id: accountId } = await account();
    const ask = (phone: string) =>
      withTransaction(test.database, (transaction) => consumeSmsQuota(transaction, { accountId, phone }));
    expect(await ask('+449098790000')).toMatchObject({
      ok: false,
      failure: expect.stringMatching(/premium-rate/),
    });
    expect(await ask('+881612345678')).toMatchObject({
      ok: false,
      failure: expect.stringMatching(/no country/),
    });
  });
});
