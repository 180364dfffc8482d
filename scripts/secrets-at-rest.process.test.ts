import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { sealedKeys } from '#db/schema/sealed-keys.ts';
import { createAccessToken } from '#lib/access-tokens/create.ts';
import { requireAccessToken } from '#lib/access-tokens/require-access-token.ts';
import { revokeAccessToken } from '#lib/access-tokens/revoke.ts';
import { reportChange } from '#lib/api-accounts/contact-changes/report.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { createPageToken } from '#lib/key-delivery/key-page/shown-key.ts';
import { testKey } from '#lib/key-delivery/key-page/test-key.ts';
import { readOutCode } from '#lib/key-delivery/reveal/read-out-code.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { revokeLeakedKeys } from '#lib/leaks/revoke-leaked-keys.ts';
import { sanitizeLeakUrl } from '#lib/leaks/sanitize-url.ts';
import type { AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import { resetSettings } from '#lib/platform/config/settings.ts';
import { createTokenRequest } from '#lib/testing/access-tokens.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { changeAccount, readLatestChange } from '#lib/testing/contact-changes.ts';
import { containsCode } from '#lib/testing/contains-code.ts';
import { copyMigratedCluster } from '#lib/testing/migrated-cluster.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startService, startVerifierProcess } from '#lib/testing/service-processes.ts';
import {
  createTestEndpoint,
  isSignedWith,
  RECEIVER_SETTINGS,
  WebhookReceiver,
} from '#lib/testing/webhook-receiver.ts';
import { WEBHOOK_EVENT_TYPES } from '#lib/webhook-events/event-types.ts';
import { rotateWebhookSecret } from '#lib/webhooks/rotate-secret.ts';

const ACCOUNTS = atScale({ normal: 2, soak: 50 });
/** How many accounts get another email address, which is then reported as unauthorised. */
const CHANGED_ACCOUNTS = atScale({ normal: 1, soak: 5 });
const PASSWORD = 'correct-horse-battery-staple';

let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let connection: Connection;
const databaseLog: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-secrets-'));
  const parameters = {
    log_statement: 'all',
    log_min_duration_statement: '0',
    log_parameter_max_length: '-1',
    log_parameter_max_length_on_error: '-1',
    log_error_verbosity: 'verbose',
    // The default prefix contains the process id, whose six digits would look like a code.
    log_line_prefix: '',
    // The data is deleted at the end.
    fsync: 'off',
  };
  const onLog = (line: string) => databaseLog.push(line);
  const databaseFolder = path.join(folder, 'database');
  await copyMigratedCluster(databaseFolder);
  postgres = await startEmbeddedPostgres({ folder: databaseFolder, parameters, onLog });
  connection = connectDatabase(postgres.url);
});
afterAll(async () => {
  await connection.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Reads every row of every table, including the queue's: payloads and outputs of jobs. */
async function dumpDatabase(): Promise<string> {
  const { rows: tables } = await connection.pool.query(
    "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema in ('public', 'pgboss', 'drizzle') and table_type = 'BASE TABLE'",
  );
  const dumps = tables.map(({ name }) => connection.pool.query(`select t::text as row from ${name} t`));
  const results = await Promise.all(dumps);
  return results.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
}

/** Returns the encodings in which a secret might have been stored. */
function listEncodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
  ];
}

it('leaves no key, token, code or password in any table, job, log or export', async () => {
  const { database } = connection;
  const administrator = await createTestAdministrator(database);
  vi.stubEnv('WEBHOOK_ALLOW_PRIVATE', '1');
  resetSettings();
  // An endpoint that gets every event, and repeats it in its response.
  using webhook = await WebhookReceiver.start();
  webhook.respond = (response, { headers, body }) =>
    response.writeHead(200, { 'x-request-id': String(headers['webhook-id']) }).end(body);
  const endpoint = await createTestEndpoint(database, administrator, {
    url: webhook.url,
    eventTypes: [...WEBHOOK_EVENT_TYPES],
  });
  const rotated = await rotateWebhookSecret(database, administrator, { id: endpoint.id, hours: 24 });
  if (!rotated.ok) throw new Error(rotated.reason);
  const worker = await startService('worker', {
    STAGEDOOR_DATA: folder,
    DATABASE_URL: postgres.url,
    ...RECEIVER_SETTINGS,
  });
  const verifier = await startVerifierProcess({ main: postgres.url });
  const { port } = verifier;
  vi.stubEnv('VERIFIER_URL', `http://127.0.0.1:${port}`);
  resetSettings();
  const webhookSecrets = [endpoint.secret, rotated.secret];
  // Also without the prefix.
  const secrets: string[] = webhookSecrets.flatMap((secret) => [secret, secret.replace('whsec_', '')]);
  const codes: string[] = [];
  const exported: string[] = [];
  await createUser(database, {
    email: 'p@example.com',
    name: 'P',
    password: PASSWORD,
    role: 'settings_viewer',
  });
  secrets.push(PASSWORD, 'not-the-password');
  for (const password of [PASSWORD, 'not-the-password']) {
    await signIn(database, { email: 'p@example.com', password, ipAddress: '127.0.0.1' });
  }
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const account = await createTestAccount(database, administrator);
    const first = await readCurrentReveal(database, account.id);
    await submitCode(database, { token: first.token, code: makeWrongCode(first.code) });
    // `submitCodeSchema` turns a malformed code into null.
    await submitCode(database, { token: first.token, code: null });
    await submitCode(database, { token: `${first.token}x`, code: first.code });
    // The integrator can request a new code 30 seconds after the previous one.
    await letTimePass(database, account.id, '31 seconds');
    await requestNewCode(database, first.token);
    codes.push((await readCurrentReveal(database, account.id)).code);
    const request = { id: account.id, revealId: first.id, requestId: randomUUID() };
    const readOut = await readOutCode(database, administrator, request, ACCOUNTS);
    if (!readOut.ok) throw new Error(readOut.reason);
    const second = await readCurrentReveal(database, account.id);
    expect(readOut.code).toBe(second.code);
    const retrySecret = randomBytes(32).toString('base64url');
    const shown = await submitCode(database, { ...second, retrySecret });
    if (!shown.ok) throw new Error(shown.reason);
    // As if the response had been lost.
    expect(await submitCode(database, { ...second, retrySecret })).toEqual(shown);
    secrets.push(retrySecret, Buffer.from(retrySecret, 'base64url').toString('hex'));
    const verify = (key: string) =>
      fetch(`http://127.0.0.1:${port}/verify`, {
        headers: { Authorization: `Basic ${Buffer.from(`${shown.username}:${key}`).toString('base64')}` },
      });
    expect((await verify(shown.key)).status).toBe(200);
    await verify(`${shown.key.slice(0, -1)}?`);
    const pageToken = createPageToken(second.id);
    const tested = await testKey(database, { pageToken, key: shown.key }, { ipAddress: '127.0.0.1' });
    expect(tested).toMatchObject({ response: { status: 200 } });
    secrets.push(pageToken);
    if (index < CHANGED_ACCOUNTS) {
      await changeAccount(database, administrator, account, { email: 'elsewhere@example.com' });
      const change = await readLatestChange(database, account.id);
      await reportChange(database, change.token);
      secrets.push(change.token);
    }
    const leak = {
      key: shown.key,
      url: sanitizeLeakUrl(`https://example.com/${shown.key}?key=${shown.key}`),
    };
    await revokeLeakedKeys(database, [leak], { source: 'api', ipAddress: '127.0.0.1' });
    await resetApiKey(database, administrator, { id: account.id });
    expect((await verify(shown.key)).status).toBe(401);
    const third = await readCurrentReveal(database, account.id);
    secrets.push(shown.key, first.token, third.token);
    codes.push(first.code, second.code, third.code);
  }
  // One access token that works, and one that is used with a wrong scope, mistyped and revoked.
  for (const isRevoked of [false, true]) {
    const created = await createAccessToken(database, administrator, {
      ...{ name: 'Onboarding script', scopes: ['audit:read'], days: 1 },
    });
    if (!created.ok) throw new Error(created.reason);
    const { id, token } = created;
    const check = (text: string, scope: AccessTokenScope = 'audit:read') =>
      requireAccessToken(createTokenRequest(text), scope, { database });
    const first = await check(token);
    if (!first.ok) throw new Error('refused');
    for await (const chunk of await exportAuditLog(database, first.actor, auditFilterSchema.parse({}), 'csv'))
      exported.push(chunk);
    secrets.push(token);
    if (!isRevoked) continue;
    await check(token, 'accounts:write');
    await check(`${token.slice(0, -1)}?`);
    const leak = { key: token, url: null };
    await revokeLeakedKeys(database, [leak], { source: 'page', ipAddress: '127.0.0.1' });
    await revokeAccessToken(database, administrator, { id });
    expect(await check(token)).toMatchObject({ ok: false });
  }
  // The dump includes a sealed key, because this key is not reset.
  const last = await createTestAccount(database, administrator);
  const reveal = await readCurrentReveal(database, last.id);
  const retrySecret = randomBytes(32).toString('base64url');
  const shown = await submitCode(database, { ...reveal, retrySecret });
  if (!shown.ok) throw new Error(shown.reason);
  secrets.push(shown.key, retrySecret, Buffer.from(retrySecret, 'base64url').toString('hex'));
  codes.push(reveal.code);
  expect(await database.$count(sealedKeys)).toBe(1);
  // Wait for as many messages as an email and an SMS per account, and a notice and a report per contact change.
  const outbox = path.join(folder, 'outbox');
  while ((await readdir(outbox).catch(() => [])).length < 2 * (ACCOUNTS + CHANGED_ACCOUNTS)) await delay(50);
  const types = ['api_account.created', 'api_key.collected', 'api_key.reset', 'audit.event'];
  await expect.poll(() => webhook.received.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
  expect(webhook.received.every((one) => webhookSecrets.every((secret) => isSignedWith(secret, one)))).toBe(
    true,
  );
  // The log contains the statements, so the search below covers them.
  expect(databaseLog.join('\n')).toMatch(/key_digest/);
  for (const format of ['csv', 'jsonl'] as const)
    for await (const chunk of await exportAuditLog(
      database,
      administrator,
      auditFilterSchema.parse({}),
      format,
    ))
      exported.push(chunk);
  expect(exported.join('')).toContain('reveal.wrong_code');
  const logs = [await worker.stop(), await verifier.stop(), databaseLog.join('\n')];
  const output = [...logs, ...exported, await dumpDatabase()].join('\n');
  expect(output.length).toBeGreaterThan(atScale({ normal: 20_000, soak: 100_000 }));
  const found = secrets.filter((secret) => listEncodings(secret).some((encoded) => output.includes(encoded)));
  expect(found).toEqual([]);
  expect(codes.filter((code) => containsCode(output, code))).toEqual([]);
  // The same search finds the secrets in the sent messages, so it works.
  const files = await readdir(outbox);
  const sent = (await Promise.all(files.map((file) => readFile(path.join(outbox, file), 'utf8')))).join('\n');
  expect(
    secrets.some((secret) => sent.includes(secret)) && codes.some((code) => containsCode(sent, code)),
  ).toBe(true);
});
