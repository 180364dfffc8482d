import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { resetSettings } from '#lib/platform/config/settings.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { changeAccount } from '#lib/testing/contact-changes.ts';
import { KEY_TAG, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { createPageToken } from './shown-key.ts';
import { testKey } from './test-key.ts';

const CLIENT = { ipAddress: '192.0.2.7' };
const UNAVAILABLE = { ok: false, reason: 'verifier_unavailable', testedAt: expect.any(String) };

let db: TestDatabase;
let administrator: Administrator;
let verifier: Verifier;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  verifier = await startTestVerifier(db.url);
});
afterAll(async () => {
  await verifier.close();
  await db.drop();
});

function setVerifierUrl(url: string): void {
  vi.stubEnv('VERIFIER_URL', url);
  resetSettings();
}

beforeEach(() => setVerifierUrl(`http://127.0.0.1:${verifier.port}`));

/** Creates an account and collects its key. */
async function collect(username?: string) {
  const account = await createTestAccount(db.database, administrator, username ? { username } : {});
  const key = await revealKey(db.database, account.id);
  const { id: revealId } = await readCurrentReveal(db.database, account.id);
  return { account, key, pageToken: createPageToken(revealId) };
}

/** Runs `use` with a server in place of the verifier. @returns the requests that it got */
async function withServer(listener: RequestListener, use: () => Promise<void>): Promise<IncomingMessage[]> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  setVerifierUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await use();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return requests;
}

describe('testKey', () => {
  it('returns the response of the verifier to the key and its username', async () => {
    const { account, key, pageToken } = await collect('Théâtre “£” d’Or 例');
    const result = await testKey(db.database, { pageToken, key }, CLIENT);
    expect(result).toMatchObject({
      ok: true,
      response: { status: 200 },
      testedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    if (!result.ok) return;
    expect(JSON.parse(result.response.body)).toEqual({
      account: { id: account.id, username: account.username },
      key: { status: 'current', expiresAt: null },
      scopes: [],
    });
    expect(Object.fromEntries(result.response.headers)).toMatchObject({
      'Content-Type': 'application/json',
      'X-API-Account-Id': account.id,
    });
  });

  it('does not end the old key, which ends when the new one is first used', async () => {
    const { account, key: oldKey } = await collect();
    await resetApiKey(db.database, administrator, { id: account.id, oldKey: 'on_first_use' });
    const key = await revealKey(db.database, account.id);
    const { id: revealId } = await readCurrentReveal(db.database, account.id);
    const verify = async (sent: string) =>
      (await requestVerifier(verifier.port, { headers: { 'X-API-Key': sent } })).status;
    const result = await testKey(db.database, { pageToken: createPageToken(revealId), key }, CLIENT);
    expect(result).toMatchObject({ ok: true, response: { status: 200 } });
    expect(await verify(oldKey)).toBe(200);
    expect(await verify(key)).toBe(200);
    expect(await verify(oldKey)).toBe(401);
  });

  it('returns 403 for an inactive account, and 401 after a reset', async () => {
    const { account, key, pageToken } = await collect();
    const { account: inactive } = await changeAccount(db.database, administrator, account, { active: false });
    expect(await testKey(db.database, { pageToken, key }, CLIENT)).toMatchObject({
      response: { status: 403, body: expect.stringContaining('inactive_account') },
    });
    await changeAccount(db.database, administrator, inactive, { active: true });
    await resetApiKey(db.database, administrator, { id: account.id });
    expect(await testKey(db.database, { pageToken, key }, CLIENT)).toMatchObject({
      response: { status: 401, body: expect.stringContaining('invalid_key') },
    });
  });

  it('refuses every caller except the page that the key was shown to', async () => {
    const { account, key } = await collect();
    const shown = await readCurrentReveal(db.database, account.id);
    const { id: otherId } = await createTestAccount(db.database, administrator);
    const replaced = await readCurrentReveal(db.database, otherId);
    await resetApiKey(db.database, administrator, { id: otherId });
    const open = await readCurrentReveal(db.database, otherId);
    const uncollected = [open, replaced].map(({ id }) => createPageToken(id));
    const tokens = ['', 'x'.repeat(64), shown.token, ...uncollected];
    const requests = await withServer(
      (_, response) => response.end(),
      async () => {
        for (const pageToken of tokens)
          expect(await testKey(db.database, { pageToken, key }, CLIENT), pageToken).toEqual({
            ok: false,
            reason: 'invalid_link',
          });
        await db.pool.query("update reveals set ended_at = now() - interval '25 hours' where id = $1", [
          shown.id,
        ]);
        const pageToken = createPageToken(shown.id);
        expect(await testKey(db.database, { pageToken, key }, CLIENT)).toMatchObject({ ok: false });
      },
    );
    expect(requests).toEqual([]);
  });

  it('refuses another account’s key, because it sends the username of its own', async () => {
    const [own, other] = [await collect(), await collect()];
    const result = await testKey(db.database, { pageToken: own.pageToken, key: other.key }, CLIENT);
    expect(result).toMatchObject({ ok: true, response: { status: 401 } });
  });

  it('refuses the 21st test of a key within ten minutes', async () => {
    const { pageToken } = await collect();
    const test = () => testKey(db.database, { pageToken, key: generateKey(KEY_TAG) }, CLIENT);
    for (let count = 1; count <= 20; count += 1) expect(await test()).toMatchObject({ ok: true });
    expect(await test()).toMatchObject({ ok: false, reason: 'rate_limited' });
    const { account: _, ...other } = await collect();
    expect(await testKey(db.database, other, CLIENT)).toMatchObject({ response: { status: 200 } });
  });

  it('sends the client’s IP address, for a verifier that trusts web as a proxy', async () => {
    const { key, pageToken } = await collect();
    const [request] = await withServer(
      (_, response) => response.end(),
      async () => void (await testKey(db.database, { pageToken, key }, CLIENT)),
    );
    expect(request?.headers['x-forwarded-for']).toBe('192.0.2.7');
  });

  it.each<[string, RequestListener]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    [
      'a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Secret</p>'),
    ],
    [
      'the JSON of another service',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"secret":1}'),
    ],
    [
      'a body without an end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(' '.repeat(9_000));
      },
    ],
    ['no response', () => {}],
  ])('returns nothing of %s, and logs a warning without the key', async (_, listener) => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    const { key, pageToken } = await collect();
    const requests = await withServer(listener, async () => {
      const options = { ...CLIENT, timeoutMs: 200 };
      expect(await testKey(db.database, { pageToken, key }, options)).toEqual(UNAVAILABLE);
    });
    expect(requests.map(({ url }) => url)).toEqual(['/verify?test=true']);
    expect(lines.join('')).toContain('"event":"key_test.failed"');
    expect(lines.join('')).not.toContain(key);
    expect(lines.join('')).not.toContain('Basic');
  });

  it('reports that the verifier cannot be reached', async () => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    const { key, pageToken } = await collect();
    setVerifierUrl('http://127.0.0.1:1');
    expect(await testKey(db.database, { pageToken, key }, CLIENT)).toEqual(UNAVAILABLE);
    expect(lines.join('')).toContain('key_test.failed');
  });
});
