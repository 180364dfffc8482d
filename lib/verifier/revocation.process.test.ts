import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { hammerThroughRevocations } from '#lib/testing/revocations.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startVerifierProcess, type VerifierProcess } from '#lib/testing/service-processes.ts';

const VERIFIERS = atScale({ normal: 2, soak: 3 });
const CONNECTIONS = atScale({ normal: 5, soak: 7 });
/** In each, one untick and one reset. */
const ROUNDS = atScale({ normal: 20, soak: 200 });
/** Each connection judges a request after each of the four acts of a round. */
const JUDGED = 4 * ROUNDS * VERIFIERS * CONNECTIONS;

let test: TestDatabase;
let verifiers: VerifierProcess[];

beforeAll(async () => {
  test = await createTestDatabase();
  const start = () => startVerifierProcess({ main: test.url });
  verifiers = await Promise.all(Array.from({ length: VERIFIERS }, start));
});
afterAll(async () => {
  await Promise.all(verifiers.map((verifier) => verifier.stop()));
  await test.drop();
});

it('lets no request through that began after a revocation was answered, on any verifier', async () => {
  const { judged, wrong } = await hammerThroughRevocations({
    database: test.database,
    administrator: await testAdministrator(test.database),
    ports: verifiers.map(({ port }) => port),
    connectionsPerVerifier: CONNECTIONS,
    rounds: ROUNDS,
  });
  expect(wrong).toEqual({});
  expect(judged).toBeGreaterThanOrEqual(JUDGED);
}, 300_000);
