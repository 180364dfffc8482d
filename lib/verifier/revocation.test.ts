import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/auth/roles.ts';
import { revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { startVerifier, type Verifier } from './server.ts';

const CONNECTIONS = 16;
const ROUNDS = 200;

let test: TestDatabase;
let administrator: Administrator;
let verifiers: Verifier[];
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  const options = { port: 0, host: '127.0.0.1', organisationName: 'X', apiKeyTag: 'stagekey' };
  const start = () => startVerifier({ ...options, databaseUrl: test.url });
  verifiers = [await start(), await start()];
});
afterAll(async () => {
  agent.destroy();
  await Promise.all(verifiers.map((verifier) => verifier.close()));
  await test.drop();
});

function ask(port: number, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-API-Key': key };
    const request = httpRequest({ host: '127.0.0.1', port, path: '/verify', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end();
  });
}

/** What has to be answered from now on; null while an act is under way, when either answer is right. */
type Truth = { key: string; status: number | null };

it('lets no request through that began after a revocation was answered, on any verifier', async () => {
  const account = await testAccount(test.database, administrator);
  let truth: Truth = { key: await revealKey(test.database, account.id), status: 200 };
  let [judged, running] = [0, true];
  const wrong: string[] = [];
  let enough = { goal: 0, reached: () => {} };

  /** Asks on and on. An answer counts where the truth was the same when it was asked and when it came. */
  const hammer = async (index: number) => {
    while (running) {
      const before = truth;
      const { port } = verifiers[index % verifiers.length] as Verifier;
      const status = await ask(port, before.key);
      if (before !== truth || before.status === null) continue;
      judged += 1;
      if (judged === enough.goal) enough.reached();
      if (status !== before.status) wrong.push(`${status} instead of ${before.status}`);
    }
  };
  const hammers = Array.from({ length: CONNECTIONS }, (_, index) => hammer(index));

  /** Acts, and then waits until as many requests have been judged by the outcome as there are connections. */
  const during = async <T>(act: () => Promise<T>, then: (result: T) => Truth) => {
    truth = { ...truth, status: null };
    truth = then(await act());
    await new Promise<void>((reached) => {
      enough = { goal: judged + CONNECTIONS, reached };
    });
  };
  let { version } = account;
  const tick = (active: boolean) => async () => {
    const result = await updateApiAccount(test.database, administrator, { ...account, version, active });
    if (!result.ok) throw new Error(result.reason);
    version = result.account.version;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { key } = truth;
    await during(tick(false), () => ({ key, status: 403 }));
    await during(tick(true), () => ({ key, status: 200 }));
    await during(
      () => resetApiKey(test.database, administrator, { id: account.id }),
      () => ({ key, status: 401 }),
    );
    await during(
      () => revealKey(test.database, account.id),
      (fresh) => ({ key: fresh, status: 200 }),
    );
  }
  running = false;
  await Promise.all(hammers);
  expect(wrong).toEqual([]);
  expect(judged).toBeGreaterThan(10_000);
}, 180_000);
