import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { reportChange } from '#lib/api-accounts/contact-changes/report.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { auditFilterSchema } from '#lib/audit/schema.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import {
  letTimePass,
  presentReveal,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { changeAccount, latestChange } from '#lib/testing/contact-changes.ts';
import { containsCode } from '#lib/testing/contains-code.ts';
import { atScale } from '#lib/testing/scale.ts';
import { startPart, startVerifierProcess } from '#lib/testing/service-processes.ts';

const ACCOUNTS = atScale({ normal: 2, soak: 50 });
/** How many of them get another email address, which is then reported as unauthorised. */
const CHANGES = atScale({ normal: 1, soak: 5 });
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
    // The default prefix has the process id, which may have six digits as a code has.
    log_line_prefix: '',
    // The data is thrown away at the end.
    fsync: 'off',
  };
  const onLog = (line: string) => databaseLog.push(line);
  postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'database'), parameters, onLog });
  await migrate(postgres.url);
  connection = connectDatabase(postgres.url);
});
afterAll(async () => {
  await connection.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every row of every table, the queue's own included: payloads and outputs of jobs. */
async function dump(): Promise<string> {
  const { rows: tables } = await connection.pool.query(
    "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema in ('public', 'pgboss', 'drizzle') and table_type = 'BASE TABLE'",
  );
  const dumps = tables.map(({ name }) => connection.pool.query(`select t::text as row from ${name} t`));
  const results = await Promise.all(dumps);
  return results.flatMap(({ rows }) => rows.map(({ row }) => row)).join('\n');
}

/** The forms in which a secret might have been written down. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
  ];
}

it('leaves no key, token, code or password in any table, job or log', async () => {
  const { database } = connection;
  const administrator = await testAdministrator(database);
  const worker = await startPart('worker', { STAGEDOOR_DATA: folder, DATABASE_URL: postgres.url });
  const verifier = await startVerifierProcess({ main: postgres.url });
  const { port } = verifier;
  const secrets: string[] = [];
  const codes: string[] = [];
  await createUser(database, {
    email: 'p@example.com',
    name: 'P',
    password: PASSWORD,
    role: 'settings_viewer',
  });
  secrets.push(PASSWORD, 'not-the-password');
  for (const password of [PASSWORD, 'not-the-password']) {
    await signIn(database, { email: 'p@example.com', password, address: '127.0.0.1' });
  }
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const account = await testAccount(database, administrator);
    const first = await presentReveal(database, account.id);
    await submitCode(database, { token: first.token, code: wrongCode(first.code) });
    await submitCode(database, { token: first.token, code: 'none' });
    await submitCode(database, { token: `${first.token}x`, code: first.code });
    await letTimePass(database, account.id, '31 seconds');
    await requestNewCode(database, first.token);
    const second = await presentReveal(database, account.id);
    const shown = await submitCode(database, second);
    if (!shown.ok) throw new Error(shown.reason);
    const ask = (key: string) =>
      fetch(`http://127.0.0.1:${port}/verify`, {
        headers: { Authorization: `Basic ${Buffer.from(`${shown.username}:${key}`).toString('base64')}` },
      });
    expect((await ask(shown.key)).status).toBe(200);
    await ask(`${shown.key.slice(0, -1)}?`);
    if (index < CHANGES) {
      await changeAccount(database, administrator, account, { email: 'elsewhere@example.com' });
      const change = await latestChange(database, account.id);
      await reportChange(database, change.token);
      secrets.push(change.token);
    }
    await resetApiKey(database, administrator, { id: account.id });
    expect((await ask(shown.key)).status).toBe(401);
    const third = await presentReveal(database, account.id);
    secrets.push(shown.key, first.token, third.token);
    codes.push(first.code, second.code, third.code);
  }
  // Both messages of each reveal that is still open have to have gone out, and the notice and the objection of each
  // change.
  const outbox = path.join(folder, 'outbox');
  while ((await readdir(outbox).catch(() => [])).length < 2 * (ACCOUNTS + CHANGES)) await delay(50);
  expect(databaseLog.join('\n')).toMatch(/key_digest/);
  const exported: string[] = [];
  for (const format of ['csv', 'jsonl'] as const)
    for await (const piece of await exportAuditLog(
      database,
      administrator,
      auditFilterSchema.parse({}),
      format,
    ))
      exported.push(piece);
  expect(exported.join('')).toContain('reveal.wrong_code');
  const logs = [await worker.stop(), await verifier.stop(), databaseLog.join('\n')];
  const said = [...logs, ...exported, await dump()].join('\n');
  expect(said.length).toBeGreaterThan(atScale({ normal: 20_000, soak: 100_000 }));
  const found = secrets.filter((secret) => formsOf(secret).some((form) => said.includes(form)));
  expect(found).toEqual([]);
  expect(codes.filter((code) => containsCode(said, code))).toEqual([]);
  // The same search does find them where they belong.
  const files = await readdir(outbox);
  const sent = (await Promise.all(files.map((file) => readFile(path.join(outbox, file), 'utf8')))).join('\n');
  expect(
    secrets.some((secret) => sent.includes(secret)) && codes.some((code) => containsCode(sent, code)),
  ).toBe(true);
}, 120_000);
