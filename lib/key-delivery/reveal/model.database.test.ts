import { Agent } from 'node:http';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import * as administrator from '#lib/testing/administrator-commands.ts';
import { deleteAndExpectNothingWorks } from '#lib/testing/deletion.ts';
import * as integrator from '#lib/testing/integrator-commands.ts';
import type { KeyResponse, RevealModel } from '#lib/testing/reveal-model.ts';
import {
  createRevealWorld,
  type Installation,
  OTHER_SCOPE,
  REQUIRED_SCOPE,
  type RevealWorld,
} from '#lib/testing/reveal-world.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import { recordEnds, send, sendLate } from '#lib/testing/worker-commands.ts';
import type { Verifier } from '#lib/verifier/server.ts';

/** Ten lists have 70 runs in total, or 1,000 at soak size. */
const RUNS_PER_LIST = atScale({ normal: 7, soak: 100 });
/** How many lists are checked concurrently: while a run waits for PostgreSQL, others proceed. Each has its own account. */
const CONCURRENT_LISTS = 3;
const MAX_COMMANDS = atScale({ normal: 20, soak: 30 });

const { edit, switchActive, reset, rotate, rotateUntilFirstUse, endOld, reportLeak } = administrator;
const { setExpiry, setAccess, readOut } = administrator;
const { open, mistype, guessWrong, guessRight, guessAnOldCode, guessAnotherLinksCode } = integrator;
const { newCode, wait, waitForDays, forge, submitAgain, useKey } = integrator;
const allCommands = [
  ...[open, mistype, guessWrong, guessRight, guessAnOldCode, guessAnotherLinksCode, newCode, wait, forge],
  ...[reset, rotate, edit, setExpiry, send, submitAgain, readOut, useKey],
];
/** Subsets that reach deep states (locked link, expired SMS, long-lived key), which `allCommands` rarely does. */
const guessCommands = [guessWrong, guessWrong, newCode, newCode, guessAnOldCode];
const sendCommands = [send, send, sendLate, wait, guessWrong, readOut];
const editCommands = [guessRight, edit, edit, reset, newCode, wait];
const lostResponseCommands = [guessRight, submitAgain, submitAgain, readOut, readOut, wait, edit, reset];
const overlapCommands = [
  guessRight,
  guessRight,
  rotate,
  rotate,
  useKey,
  endOld,
  waitForDays,
  recordEnds,
  edit,
];
const firstUseCommands = [guessRight, guessRight, rotateUntilFirstUse, useKey, recordEnds];
/** Rarely end the old key, so that it also works when the account is deleted. */
const rotateCommands = [guessRight, guessRight, guessRight, rotate, rotate, rotate, readOut, switchActive];
const accessCommands = [
  ...[guessRight, guessRight, rotate, setExpiry, setAccess, setAccess, setAccess, useKey, wait, reset, edit],
];
const leakCommands = [
  ...[guessRight, guessRight, rotate, rotate, reportLeak, reportLeak, useKey, submitAgain, switchActive],
  ...[edit, endOld, wait],
];
/** An account is deleted after the last command, because no command does anything afterwards. */
const isDeletedAtEnd = fc.constantFrom(false, false, true);
/** Number of codes of the link whose attempts are used up before a run begins. */
const exhaustedCodes = fc.constantFrom(0, 0, 0, 3, 4);
const commandLists = [
  ...[allCommands, guessCommands, sendCommands, editCommands, lostResponseCommands],
  ...[overlapCommands, firstUseCommands, rotateCommands, accessCommands, leakCommands],
].map((commands) => fc.commands(commands, { maxCommands: MAX_COMMANDS, size: 'max' }));

type Commands = Iterable<fc.AsyncCommand<RevealModel, RevealWorld>>;

let db: TestDatabase;
let verifier: Verifier;
let installation: Installation;
const keyResponses = new Set<KeyResponse>();
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  db = await createTestDatabase();
  // Raise the SMS limits, so that no test reaches them.
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 1_000 });
  await db.pool.query(
    'insert into scopes (name, description, created_by) select unnest($1::text[]), $2, $3',
    [[REQUIRED_SCOPE, OTHER_SCOPE], 'For tests', uuidv7()],
  );
  verifier = await startTestVerifier(db.url);
  const { port } = verifier;
  installation = {
    database: db.database,
    administrators: [
      await createTestAdministrator(db.database),
      await createTestAdministrator(db.database, 'Otto'),
    ],
    verify: async (key, { isTest } = { isTest: true }) => {
      const path = `/verify?scope=${REQUIRED_SCOPE}${isTest ? '&test=true' : ''}`;
      const { body } = await requestVerifier(port, { agent, path, headers: { 'X-API-Key': key } });
      const { key: described, code } = JSON.parse(body);
      const response: KeyResponse = described?.status ?? code;
      keyResponses.add(response);
      return response;
    },
  };
});
afterAll(async () => {
  agent.destroy();
  await verifier.close();
  await db.drop();
});

/** Uses the audit log where possible, because it also has the events of accounts that were deleted. */
const REACHED_STATES = `select
  exists (select from reveals where end_reason = 'replaced') as replaced,
  exists (select from audit_events where action = 'reveal.locked') as locked,
  exists (select from messages m join reveals r on r.id = m.reveal_id
    where m.attempts > 1 and m.code_generation > 1 + r.new_codes) as renewed_by_late_attempt,
  exists (select from audit_events where action = 'api_key.shown_again') as shown_again,
  (select array_agg(distinct details->>'reason' order by details->>'reason') from audit_events
    where action = 'api_key.previous_ended') as old_keys_ended,
  exists (select from audit_events read_out join audit_events shown
      on shown.details->>'revealId' = read_out.details->>'revealId'
    where read_out.action = 'reveal.code_read_out' and shown.action = 'api_key.shown') as read_out,
  exists (select from audit_events where action = 'reveal.code_read_out_again') as read_out_again,
  exists (select from audit_events where action = 'api_account.deleted') as deleted,
  (select array_agg(id::text order by id::text) from messages)
    = (select array_agg(data->>'messageId' order by data->>'messageId') from pgboss.job
      where (data->>'messageId')::uuid in (select id from messages)) as queued_once`;

it('a reveal matches the model after any sequence of commands by two browsers and two administrators', async () => {
  /** States in which accounts were deleted. */
  const deleted = { withKey: false, withOldKey: false, withOpenLink: false };
  const deleteAccount = async ({ model, real }: Awaited<ReturnType<typeof createRevealWorld>>) => {
    const [last] = model.links.slice(-1);
    deleted.withKey ||= model.hasKey;
    deleted.withOldKey ||= model.oldKey !== null;
    deleted.withOpenLink ||= last !== undefined && model.getState(last) === 'open';
    await deleteAndExpectNothingWorks(model, real);
  };
  const runCommands = async (codes: number, commands: Commands, isDeleted: boolean) => {
    const world = await createRevealWorld(installation);
    for (let code = 1; code <= codes; code += 1) await integrator.exhaustCode.run(world.model, world.real);
    await fc.asyncModelRun(() => world, commands);
    if (isDeleted) await deleteAccount(world);
  };
  const checkLists = async (_: unknown, first: number) => {
    for (let index = first; index < commandLists.length; index += CONCURRENT_LISTS) {
      const commands = commandLists[index] ?? fc.commands([]);
      const property = fc.asyncProperty(exhaustedCodes, commands, isDeletedAtEnd, runCommands);
      await fc.assert(property, { seed: TEST_SEED + index, numRuns: RUNS_PER_LIST });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_LISTS }, checkLists));
  // Check that the runs covered these states and responses, and that each message was queued once.
  const { rows } = await db.pool.query(REACHED_STATES);
  expect(rows).toEqual([
    {
      replaced: true,
      locked: true,
      renewed_by_late_attempt: true,
      shown_again: true,
      old_keys_ended: [
        'administrator',
        'deactivated',
        'leaked',
        'new_key_collected',
        'new_key_used',
        'reset',
        'time_passed',
      ],
      read_out: true,
      read_out_again: true,
      deleted: true,
      queued_once: true,
    },
  ]);
  expect(deleted).toEqual({ withKey: true, withOldKey: true, withOpenLink: true });
  expect([...keyResponses].sort()).toEqual([
    'current',
    'expired_account',
    'inactive_account',
    'insufficient_scope',
    'invalid_key',
    'network_not_allowed',
    'previous',
  ]);
});
