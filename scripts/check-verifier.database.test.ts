import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { findVerifierProblem } from './check-verifier.ts';

const TIMEOUT_MS = 200;

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Starts a verifier that responds 503 at first, and later with a status. Returns its port. */
async function startSlowVerifier(slowMs: number, status: number): Promise<number> {
  const readyAt = performance.now() + slowMs;
  const server = createServer((_, response) => {
    response.writeHead(performance.now() < readyAt ? 503 : status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function find(verifierPort: number, url = db.url): Promise<string | undefined> {
  const settings = {
    host: '127.0.0.1',
    verifierPort,
    apiKeyTag: 'stagekey',
    databaseUrl: url,
    lookupDatabaseUrl: url,
  };
  return findVerifierProblem(settings, url, TIMEOUT_MS);
}

describe('findVerifierProblem', () => {
  it('waits for a verifier that is slow although the database is not', async () => {
    expect(await find(await startSlowVerifier(2 * TIMEOUT_MS, 401))).toBeUndefined();
  });

  it.each([200, 404, 429, 503])('reports that the verifier responds %d', async (status) => {
    expect(await find(await startSlowVerifier(0, status))).toContain(`It responded ${status} at`);
  });

  it('reports that nothing listens', async () => {
    expect(await find(await findFreePort())).toMatch(/It responded nothing \(.*ECONNREFUSED/);
  });

  it('names the setting to change, without the password', async () => {
    const url = Object.assign(new URL(db.url), { password: 'hunter22' }).href;
    const problem = await find(await startSlowVerifier(0, 503), url);
    expect(problem).toContain('Correct the user and the password in DATABASE_URL');
    expect(problem).not.toContain('hunter22');
  });
});
