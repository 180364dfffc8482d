import { Agent } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { edit, reset } from '#lib/testing/administrator-acts.ts';
import * as integrator from '#lib/testing/integrator-acts.ts';
import { createRevealWorld, type Installation } from '#lib/testing/reveal-world.ts';
import { ask, startTestVerifier } from '#lib/testing/verifying.ts';
import { send } from '#lib/testing/worker-acts.ts';
import type { Verifier } from '#lib/verifier/server.ts';

const RUNS = 1_000;
/** Runs that go on side by side, each with an account of its own: while one waits for PostgreSQL, others work. */
const BATCHES = 4;
const MOST_ACTS = 30;

const { open, mistype, guessWrong, guessRight, guessAnOldCode, guessAnotherLinksCode } = integrator;
const { askNewCode, wait, forge } = integrator;
const everything = [
  ...[open, mistype, guessWrong, guessRight, guessAnOldCode, guessAnotherLinksCode, askNewCode, wait, forge],
  ...[reset, edit, send],
];
/** Few runs of everything come as far as a locked link, or a key that many acts follow: so some have fewer acts. */
const guessing = [guessWrong, guessWrong, askNewCode, askNewCode, guessAnOldCode, send];
const administering = [guessRight, edit, edit, reset, askNewCode, wait];
const runs = [everything, guessing, administering].map((acts) =>
  fc.commands(acts, { maxCommands: MOST_ACTS, size: 'max' }),
);

let test: TestDatabase;
let verifier: Verifier;
let installation: Installation;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  test = await createTestDatabase();
  verifier = await startTestVerifier(test.url);
  const { port } = verifier;
  installation = {
    database: test.database,
    administrators: [await testAdministrator(test.database), await testAdministrator(test.database, 'Otto')],
    ask: async (key) => (await ask(port, { agent, headers: { 'X-API-Key': key } })).status,
  };
});
afterAll(async () => {
  agent.destroy();
  await verifier.close();
  await test.drop();
});

it('keeps every promise through any order of acts, in two browsers and by two administrators', async () => {
  const property = fc.asyncProperty(fc.oneof(...runs), (acts) =>
    fc.asyncModelRun(() => createRevealWorld(installation), acts),
  );
  const check = () => fc.assert(property, { numRuns: RUNS / BATCHES });
  await Promise.all(Array.from({ length: BATCHES }, check));
}, 600_000);
