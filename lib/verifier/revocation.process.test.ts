import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { checkRevocationsUnderLoad } from '#lib/testing/revocations.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startVerifierProcess, type VerifierProcess } from '#lib/testing/service-processes.ts';

const VERIFIERS = atScale({ normal: 2, soak: 3 });
const CONNECTIONS = atScale({ normal: 3, soak: 7 });
/** In each round, the account is deactivated, reactivated and reset, the old key ends, and the next one is used. */
const ROUNDS = atScale({ normal: 20, soak: 800 });
/** Each connection checks at least one request after each of a round's four phases. */
const MIN_CHECKED = 4 * ROUNDS * VERIFIERS * CONNECTIONS;

let db: TestDatabase;
let verifiers: VerifierProcess[];

beforeAll(async () => {
  db = await createTestDatabase();
  const start = () => startVerifierProcess({ main: db.url });
  verifiers = await Promise.all(Array.from({ length: VERIFIERS }, start));
});
afterAll(async () => {
  await Promise.all(verifiers.map((verifier) => verifier.stop()));
  await db.drop();
});

it('allows no request that began after a revocation was confirmed, on any verifier', async () => {
  const { checkedCount, wrongResponses } = await checkRevocationsUnderLoad({
    database: db.database,
    administrator: await createTestAdministrator(db.database),
    ports: verifiers.map(({ port }) => port),
    connectionsPerVerifier: CONNECTIONS,
    rounds: ROUNDS,
  });
  expect(wrongResponses).toEqual({});
  expect(checkedCount).toBeGreaterThanOrEqual(MIN_CHECKED);
});
