import { Agent } from 'node:http';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messages } from '#db/schema/messages.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import {
  type InitialState,
  OPERATION_NAMES,
  type Operation,
  type Outcome,
  performOperation,
} from '#lib/testing/concurrent-operations.ts';
import { Interleaving } from '#lib/testing/interleaving.ts';
import { expectInvariants, expectVerified, type ShownKey } from '#lib/testing/reveal-invariants.ts';
import { takeSnapshot } from '#lib/testing/reveal-snapshot.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { requestNewCode } from './request-new-code.ts';

let db: TestDatabase;
let verifier: Verifier;
let interleaving: Interleaving;
let administrator: Administrator;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  db = await createTestDatabase();
  // Raise the SMS limits, so that no test reaches them.
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  interleaving = new Interleaving(db.url);
  verifier = await startTestVerifier(db.url);
  administrator = await createTestAdministrator(db.database);
});
afterAll(async () => {
  agent.destroy();
  await verifier.close();
  await interleaving.close();
  await db.drop();
});

const getVerifierStatus = async (key: string) =>
  (await requestVerifier(verifier.port, { agent, headers: { 'X-API-Key': key } })).status;

/** State of the account before the concurrent operations. */
type Situation = {
  /** When the old key stops working, if a key was shown and has been reset; otherwise null. */
  reset: OldKeyChoice | null;
  attempts: { code: number; link: number };
  /** The code has expired after a first delivery attempt of its SMS, so the next attempt issues a new code. */
  hasExpiredSms: boolean;
};

const situations = fc.record<Situation>({
  reset: fc.constantFrom<OldKeyChoice | null>(null, null, 'immediately', 'on_collection', { hours: 24 }),
  attempts: fc.constantFrom(
    ...[0, 3, 4].flatMap((code) => [0, 18, 20].map((rest) => ({ code, link: code + rest }))),
  ),
  hasExpiredSms: fc.boolean(),
});
const operationLists = fc.array(fc.constantFrom<Operation>('right code', ...OPERATION_NAMES), {
  minLength: 2,
  maxLength: 6,
});

async function prepareAccount({ reset, attempts, hasExpiredSms }: Situation) {
  const { database, pool } = db;
  const account = await createTestAccount(database, administrator);
  const shown: ShownKey[] = [];
  if (reset) {
    const { id: revealId } = await readCurrentReveal(database, account.id);
    shown.push({ key: await revealKey(database, account.id), revealId });
    await resetApiKey(database, administrator, { id: account.id, oldKey: reset });
  }
  // Both are more than the 30 seconds between codes, so that a new code can be requested.
  await letTimePass(database, account.id, hasExpiredSms ? '11 minutes' : '31 seconds');
  const link = await readCurrentReveal(database, account.id);
  await pool.query('update reveals set code_attempts = $2, link_attempts = $3 where id = $1', [
    link.id,
    attempts.code,
    attempts.link,
  ]);
  const rows = await database.select().from(messages).where(eq(messages.revealId, link.id));
  const smsId = rows.find(({ kind }) => kind === 'code')?.id ?? '';
  if (hasExpiredSms) await pool.query('update messages set attempts = 1 where id = $1', [smsId]);
  const oldKey = shown[0]?.key ?? null;
  const start: InitialState = {
    ...{ database: interleaving.database, administrator, account, link, oldKey, smsId },
  };
  return { start, shown };
}

/** Expects the audit log and the account to match the outcomes. */
async function expectConsistent(
  { account: { id }, link }: InitialState,
  outcomes: Outcome[],
  before: Situation,
) {
  const { reset, attempts } = before;
  const { audit, reveals, account } = await takeSnapshot(db.pool, id);
  const filterDone = (...names: Operation[]) =>
    outcomes.filter(({ operation, isDone }) => isDone && names.includes(operation));
  const countEvents = (action: string) => audit.filter((row) => row.action === action).length;
  const resets = filterDone('reset', 'reset with overlap');
  expect(countEvents('api_key.reset')).toBe(resets.length + Number(reset !== null));
  // An end that was confirmed to the administrator is recorded.
  expect(filterDone('end old key').length).toBeLessThanOrEqual(countEvents('api_key.previous_ended'));
  // The operations run within the 30 seconds between two codes.
  expect(countEvents('reveal.new_code')).toBeLessThanOrEqual(1);
  expect(countEvents('reveal.wrong_code')).toBeLessThanOrEqual(25 - attempts.link);
  // All saves carry the version from the start, so only the first one succeeds.
  const saves = outcomes.filter(
    ({ operation }) => operation === 'change email' || operation === 'deactivate',
  );
  expect(filterDone('change email', 'deactivate')).toHaveLength(Math.min(1, saves.length));
  expect(countEvents('api_account.edited')).toBe(filterDone('change email').length);
  expect(countEvents('api_account.deactivated')).toBe(filterDone('deactivate').length);
  expect(account.active).toBe(filterDone('deactivate').length === 0);
  // All submissions carry the code from the start, which a newer code invalidates.
  const raced = reveals.find((reveal) => reveal.id === link.id);
  if (raced?.endReason === 'shown') expect(raced.generation).toBe(link.codeGeneration);
  // A confirmed reset replaces the link before it.
  if (resets.length > 0) expect(reveals.at(-1)?.id).toBe(account.revealId);
}

/** Collects the key with the current link, if the link is still open. */
async function collectKey(accountId: string, shown: ShownKey[]): Promise<void> {
  const { id, token, endedAt, linkAttempts } = await readCurrentReveal(db.database, accountId);
  if (endedAt || linkAttempts === 25) return;
  await letTimePass(db.database, accountId, '31 seconds');
  await requestNewCode(db.database, token);
  shown.push({ key: await revealKey(db.database, accountId), revealId: id });
}

it('concurrent operations keep the invariants of a reveal, in any order of their statements', async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    situations,
    operationLists,
    async (scheduler, before, names) => {
      const { start, shown } = await prepareAccount(before);
      const { id } = start.account;
      const outcomes = await interleaving.run(
        scheduler,
        names.map((name) => () => performOperation(name, start)),
      );
      for (const { key } of outcomes) if (key) shown.push({ key, revealId: start.link.id });
      const expectAllInvariants = async () => {
        const snapshot = await takeSnapshot(db.pool, id);
        expectInvariants(snapshot, shown);
        await expectVerified(getVerifierStatus, snapshot, shown);
      };
      await expectAllInvariants();
      await expectConsistent(start, outcomes, before);
      await collectKey(id, shown);
      await expectAllInvariants();
    },
  );
  await fc.assert(property, { numRuns: atScale({ normal: 12, soak: 1_000 }) });
});
