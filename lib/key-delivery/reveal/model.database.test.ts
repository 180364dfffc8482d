import { Agent } from 'node:http';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { edit, endOld, readOut, reset, rotate, setAccess, setExpiry } from '#lib/testing/administrator-commands.ts';
import * as integrator from '#lib/testing/integrator-commands.ts';
import {
  createRevealWorld,
  type Installation,
  OTHER_SCOPE,
  REQUIRED_SCOPE,
} from '#lib/testing/reveal-world.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import { recordEnds, send, sendLate } from '#lib/testing/worker-commands.ts';
import type { Verifier } from '#lib/verifier/server.ts';

const RUNS = atScale({ normal: 60, soak: 1_000 });
/** Concurrent batches of runs: while one waits for PostgreSQL, the others proceed. Each run has its own account. */
const BATCHES = 3;
const MAX_COMMANDS = 30;

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
const expiryCommands = [guessRight, guessRight, rotate, setExpiry, setAccess, useKey, wait, reset, edit];
/** Number of codes of the link whose attempts are used up before a run begins. */
const exhaustedCodes = fc.constantFrom(0, 0, 0, 3, 4);
const commandLists = [
  ...[allCommands, guessCommands, sendCommands, editCommands, lostResponseCommands],
  ...[overlapCommands, overlapCommands, expiryCommands],
].map((commands) => fc.commands(commands, { maxCommands: MAX_COMMANDS, size: 'max' }));

let db: TestDatabase;
let verifier: Verifier;
let installation: Installation;
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
      return (await requestVerifier(port, { agent, path, headers: { 'X-API-Key': key } })).status;
    },
  };
});
afterAll(async () => {
  agent.destroy();
  await verifier.close();
  await db.drop();
});

const REACHED_STATES = `select
  (select array_agg(distinct end_reason order by end_reason) from reveals where ended_at is not null) as ended,
  exists (select from messages m join reveals r on r.id = m.reveal_id
    where m.attempts > 1 and m.code_generation > 1 + r.new_codes) as renewed_by_late_attempt,
  exists (select from audit_events where action = 'api_key.shown_again') as shown_again,
  (select array_agg(distinct details->>'reason' order by details->>'reason') from audit_events
    where action = 'api_key.previous_ended') as old_keys_ended,
  exists (select from reveals where read_out_generation is not null and end_reason = 'shown') as read_out,
  exists (select from audit_events where action = 'reveal.code_read_out_again') as read_out_again,
  (select array_agg(id::text order by id::text) from messages)
    = (select array_agg(data->>'messageId' order by data->>'messageId') from pgboss.job) as queued_once`;

it('a reveal matches the model after any sequence of commands by two browsers and two administrators', async () => {
  const property = fc.asyncProperty(exhaustedCodes, fc.oneof(...commandLists), (codes, commands) =>
    fc.asyncModelRun(async () => {
      const world = await createRevealWorld(installation);
      for (let code = 1; code <= codes; code += 1) await integrator.exhaustCode.run(world.model, world.real);
      return world;
    }, commands),
  );
  const runBatch = (_: unknown, batch: number) =>
    fc.assert(property, { seed: TEST_SEED + batch, numRuns: Math.ceil(RUNS / BATCHES) });
  await Promise.all(Array.from({ length: BATCHES }, runBatch));
  // Check that the runs covered these states, and that each message was queued once.
  const { rows } = await db.pool.query(REACHED_STATES);
  expect(rows).toEqual([
    {
      ended: ['locked', 'replaced', 'shown'],
      renewed_by_late_attempt: true,
      shown_again: true,
      old_keys_ended: [
        'administrator',
        'deactivated',
        'new_key_collected',
        'new_key_used',
        'reset',
        'time_passed',
      ],
      read_out: true,
      read_out_again: true,
      queued_once: true,
    },
  ]);
}, 1_200_000);
