import { Agent } from 'node:http';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  letTimePass,
  presentReveal,
  revealKey,
  testAccount,
  testAdministrator,
} from '#lib/testing/accounts.ts';
import { Interleaving } from '#lib/testing/interleaving.ts';
import { type Outcome, RACING_ACTS, type RacingAct, race, type Start } from '#lib/testing/racing-acts.ts';
import { expectSound, expectVerified, type ShownKey } from '#lib/testing/reveal-invariants.ts';
import { takeSnapshot } from '#lib/testing/reveal-snapshot.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { ask, startTestVerifier } from '#lib/testing/verifying.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { requestNewCode } from './request-new-code.ts';

let test: TestDatabase;
let verifier: Verifier;
let interleaving: Interleaving;
let administrator: Administrator;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  test = await createTestDatabase();
  // So that no ceiling of the rules for texts is in the way.
  await setSmsPolicy(test.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  interleaving = new Interleaving(test.url);
  verifier = await startTestVerifier(test.url);
  administrator = await testAdministrator(test.database);
});
afterAll(async () => {
  agent.destroy();
  await verifier.close();
  await interleaving.close();
  await test.drop();
});

const askVerifier = async (key: string) =>
  (await ask(verifier.port, { agent, headers: { 'X-API-Key': key } })).status;

/** How things stand before the race. */
type Situation = {
  /** A key was shown before, and reset since. */
  wasReset: boolean;
  tries: { code: number; link: number };
  /** The present code's text was tried to be sent, and the code is late: the next attempt takes a fresh one. */
  textIsLate: boolean;
};

const situation = fc.record<Situation>({
  wasReset: fc.boolean(),
  tries: fc.constantFrom(
    ...[0, 3, 4].flatMap((code) => [0, 18, 20].map((rest) => ({ code, link: code + rest }))),
  ),
  textIsLate: fc.boolean(),
});
const acts = fc.array(fc.constantFrom<RacingAct>('right code', ...RACING_ACTS), {
  minLength: 2,
  maxLength: 6,
});

async function prepare({ wasReset, tries, textIsLate }: Situation) {
  const { database, pool } = test;
  const account = await testAccount(database, administrator);
  const shown: ShownKey[] = [];
  if (wasReset) {
    const { id: revealId } = await presentReveal(database, account.id);
    shown.push({ key: await revealKey(database, account.id), revealId });
    await resetApiKey(database, administrator, { id: account.id });
  }
  await letTimePass(database, account.id, textIsLate ? '11 minutes' : '31 seconds');
  const link = await presentReveal(database, account.id);
  await pool.query('update reveals set code_tries = $2, link_tries = $3 where id = $1', [
    link.id,
    tries.code,
    tries.link,
  ]);
  const texts = await database.select().from(messages).where(eq(messages.revealId, link.id));
  const textId = texts.find(({ kind }) => kind === 'code')?.id ?? '';
  if (textIsLate) await pool.query('update messages set attempts = 1 where id = $1', [textId]);
  const start: Start = { database: interleaving.database, administrator, account, link, textId };
  return { start, shown };
}

/** What came of the acts is what is on record. */
async function expectOnRecord({ account: { id }, link }: Start, outcomes: Outcome[], before: Situation) {
  const { wasReset, tries } = before;
  const { audit, reveals, account } = await takeSnapshot(test.pool, id);
  const done = (...which: RacingAct[]) => outcomes.filter(({ act, done: was }) => was && which.includes(act));
  const acts = (act: string) => audit.filter((row) => row.act === act).length;
  expect(acts('api_key.reset')).toBe(done('reset').length + Number(wasReset));
  expect(acts('reveal.new_code')).toBeLessThanOrEqual(1);
  expect(acts('reveal.wrong_code')).toBeLessThanOrEqual(25 - tries.link);
  // Both saved what they saw at the start: the first wins, and it changes something.
  const saves = outcomes.filter(({ act }) => act === 'readdress' || act === 'untick');
  expect(done('readdress', 'untick')).toHaveLength(Math.min(1, saves.length));
  expect(acts('api_account.edited')).toBe(done('readdress').length);
  expect(acts('api_account.deactivated')).toBe(done('untick').length);
  expect(account.active).toBe(done('untick').length === 0);
  // All guessed with the code of the start: once there is a newer one, it shows nothing.
  const raced = reveals.find((reveal) => reveal.id === link.id);
  if (raced?.endedBecause === 'shown') expect(raced.generation).toBe(link.codeGeneration);
  // A reset or a correction that was answered leaves nothing of the link before it.
  if (done('reset').length > 0) expect(reveals.at(-1)?.id).toBe(account.revealId);
}

/** Whoever has the present link, where it is open still, comes to a key in the end. */
async function finish(accountId: string, shown: ShownKey[]): Promise<void> {
  const { id, token, endedAt, linkTries } = await presentReveal(test.database, accountId);
  if (endedAt || linkTries === 25) return;
  await letTimePass(test.database, accountId, '31 seconds');
  await requestNewCode(test.database, token);
  shown.push({ key: await revealKey(test.database, accountId), revealId: id });
}

it('keeps every promise whatever happens at once, in any order of statements', async () => {
  const property = fc.asyncProperty(fc.scheduler(), situation, acts, async (scheduler, before, racing) => {
    const { start, shown } = await prepare(before);
    const { id } = start.account;
    const outcomes = await interleaving.run(
      scheduler,
      racing.map((act) => () => race(act, start)),
    );
    for (const { key } of outcomes) if (key) shown.push({ key, revealId: start.link.id });
    const check = async () => {
      const snapshot = await takeSnapshot(test.pool, id);
      expectSound(snapshot, shown);
      await expectVerified(askVerifier, snapshot, shown);
    };
    await check();
    await expectOnRecord(start, outcomes, before);
    await finish(id, shown);
    await check();
  });
  await fc.assert(property, { numRuns: atScale({ normal: 30, soak: 1_000 }) });
}, 1_200_000);
