import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestKeyAsHex, generateKey } from '#lib/api-keys/api-key.ts';
import { REPORT_LIMITS } from '#lib/leaks/report-rate-limits.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { publicDatabasePool } from '#lib/platform/database.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { startGithubKeys } from '#lib/testing/github-keys.ts';
import { type ApiRequest, callApi, createApiDatabase } from '#lib/testing/management-api.ts';

let db: Awaited<ReturnType<typeof createApiDatabase>>;
let github: Awaited<ReturnType<typeof startGithubKeys>>;
let administrator: Administrator;
beforeAll(async () => {
  [db, github] = await Promise.all([createApiDatabase(), startGithubKeys()]);
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => Promise.all([db.close(), github.close()]));
let ipAddress = '';
let ipAddressCount = 0;
beforeEach(() => {
  settings().githubKeysUrl = null;
  ipAddressCount += 1;
  ipAddress = `203.0.113.${ipAddressCount}`;
});

const send = (body: unknown, { headers, ...request }: ApiRequest = {}) =>
  callApi('POST', '/api/v1/leaked-keys', {
    body,
    headers: { 'x-stagedoor-address': ipAddress, ...headers },
    ...request,
  });

async function createKey() {
  const { id } = await createTestAccount(db.database, administrator);
  return { id, key: await revealKey(db.database, id) };
}

async function readLeak(id: string) {
  const { rows } = await db.pool.query(
    `select details, address, key_digest is null as "isRevoked" from api_accounts
     left join audit_events on account_id = api_accounts.id and action = 'api_key.leaked' where api_accounts.id = $1`,
    [id],
  );
  return rows[0];
}

describe('POST /api/v1/leaked-keys', () => {
  it('revokes a key, and responds as to an unknown one', async () => {
    const { id, key } = await createKey();
    const unknown = generateKey('stagekey');
    const known = await send([{ token: key, url: 'https://example.org/a?b#c' }]);
    expect(known.status).toBe(200);
    expect(known.json).toEqual([
      { token_hash: digestKeyAsHex(key), token_type: 'stagedoor', label: 'true_positive' },
    ]);
    const replaceHash = (text: string) => text.replace(/[0-9a-f]{64}/, '');
    const other = await send([{ token: unknown, url: 'https://example.org/a' }]);
    expect([other.status, replaceHash(other.text)]).toEqual([known.status, replaceHash(known.text)]);
    const names = ({ headers }: typeof known) => [...headers.keys()];
    expect(names(other)).toEqual(names(known));
    expect(await readLeak(id)).toEqual({
      isRevoked: true,
      address: ipAddress,
      details: { key: 'current', source: 'api', url: 'https://example.org/a' },
    });
    // After the revocation, the response is still the same.
    expect((await send([{ token: key }])).text).toBe(known.text);
  });

  it('accepts GitHub’s format, with several keys of which some are malformed', async () => {
    const [one, two] = [await createKey(), await createKey()];
    const type = 'mycompany_api_token';
    const { status, json } = await send([
      { token: one.key, type, url: '', source: 'content' },
      { token: `${two.key.slice(0, -1)}?`, type, url: 'https://github.com/x', source: 'commit' },
      { token: `  ${two.key}\n`, type, url: null, source: 'unknown', later: { field: 1 } },
    ]);
    expect(status).toBe(200);
    expect(json.map(({ label }: { label: string }) => label)).toEqual([
      'true_positive',
      'false_positive',
      'true_positive',
    ]);
    expect(json[0].token_type).toBe(type);
    for (const { id } of [one, two]) expect(await readLeak(id)).toMatchObject({ isRevoked: true });
  });

  it('accepts up to 500 keys, and 1 MB', async () => {
    const report = { token: generateKey('stagekey'), url: `https://example.org/${'x'.repeat(1_800)}` };
    const reports = Array.from({ length: 500 }, () => report);
    expect(JSON.stringify(reports).length).toBeGreaterThan(900_000);
    expect((await send(reports)).status).toBe(200);
    expect((await send([...reports, report])).status).toBe(422);
    expect((await send(`${JSON.stringify([report])}${' '.repeat(1024 * 1024)}`)).status).toBe(413);
  });

  it('consumes the limit of the IP address before it compares a key', async () => {
    const { id, key } = await createKey();
    const { points } = REPORT_LIMITS.api.perIpAddress ?? { points: 0 };
    for (let count = 0; count < points; count += 1)
      expect((await send([{ token: generateKey('stagekey') }])).status).toBe(200);
    const limited = await send([{ token: key }]);
    expect([limited.status, limited.json.code]).toEqual([429, 'too_many_requests']);
    expect(limited.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readLeak(id)).toMatchObject({ isRevoked: false });
    ipAddress = '198.51.100.200';
    expect((await send([{ token: key }])).status).toBe(200);
    expect(await readLeak(id)).toMatchObject({ isRevoked: true });
  });

  it('consumes the limit of all IP addresses', async () => {
    const { id, key } = await createKey();
    await db.pool.query("update rate_limits set points = $1 where key like 'leak-api-total:%'", [
      REPORT_LIMITS.api.total.points,
    ]);
    expect((await send([{ token: key }])).status).toBe(429);
    expect(await readLeak(id)).toMatchObject({ isRevoked: false });
    // GitHub's signed reports have a limit of their own.
    settings().githubKeysUrl = github.url;
    const body = JSON.stringify([{ token: key, url: 'https://github.com/octocat/x' }]);
    expect((await send(body, { headers: github.sign(body) })).status).toBe(200);
    expect(await readLeak(id)).toMatchObject({
      details: { source: 'github', url: 'https://github.com/octocat/x' },
    });
    // Also forgets that this process was refused.
    const limit = { name: 'leak-api-total', ...REPORT_LIMITS.api.total };
    await createRateLimiter(publicDatabasePool(), limit).restart('total');
  });
});

describe('POST /api/v1/leaked-keys with GITHUB_SECRET_SCANNING', () => {
  it('refuses an invalid signature before it compares a key', async () => {
    settings().githubKeysUrl = github.url;
    const { id, key } = await createKey();
    const body = JSON.stringify([{ token: key }]);
    for (const headers of [
      github.sign(`${body} `),
      { ...github.sign(body), 'github-public-key-identifier': 'x' },
    ]) {
      const { status, json } = await send(body, { headers });
      expect([status, json.code]).toEqual([403, 'invalid_signature']);
    }
    expect(await readLeak(id)).toMatchObject({ isRevoked: false });
  });

  it('revokes keys that are reported without a signature, or while GitHub cannot be reached', async () => {
    settings().githubKeysUrl = 'http://127.0.0.1:1/keys';
    for (const sign of [() => ({}), github.sign]) {
      const { id, key } = await createKey();
      const body = JSON.stringify([{ token: key }]);
      expect((await send(body, { headers: sign(body) })).status).toBe(200);
      expect(await readLeak(id)).toMatchObject({ isRevoked: true, details: { source: 'api' } });
    }
  });
});
