import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { presentReveal, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { containsCode } from '#lib/testing/contains-code.ts';
import { bundleWorker } from '#lib/testing/worker-process.ts';

type Seen = { provider: 'resend' | 'sns'; id: string; body: string };
/** What the provider does once it has taken a message: answers, or lets the test act first. */
type Taken = (message: Seen) => Promise<'answer' | 'refuse' | 'fail'>;

let test: TestDatabase;
let seen: Seen[];
let taken: Taken;
let workers: ChildProcess[];
let program: string;
const provider = createServer(async (request, response) => {
  const body = await text(request);
  const key = request.headers['idempotency-key'];
  const message: Seen = { provider: key ? 'resend' : 'sns', id: String(key ?? ''), body };
  seen.push(message);
  const outcome = await taken(message);
  if (outcome === 'refuse')
    return response.writeHead(422).end('{"statusCode":422,"name":"validation_error","message":"no"}');
  if (outcome === 'fail') return response.writeHead(500).end('{}');
  if (key) return response.writeHead(200).end('{"id":"email-1"}');
  const answer =
    '<PublishResponse><PublishResult><MessageId>text-1</MessageId></PublishResult></PublishResponse>';
  return response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
});

async function startWorker(): Promise<ChildProcess> {
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const worker = fork(program, [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      STAGEDOOR_PART: 'worker',
      DATABASE_URL: test.url,
      STAGEDOOR_EMBEDDED: '',
      RESEND_API_KEY: 're_test',
      EMAIL_FROM: 'Access <access@example.org>',
      RESEND_BASE_URL: url,
      SMS_PROVIDER: 'sns',
      AWS_ENDPOINT_URL_SNS: url,
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      NODE_ENV: 'production',
    },
  });
  workers.push(worker);
  await once(worker, 'message');
  return worker;
}

/** Waits until the messages, the email first, stand like this. (A table tells nobody when it changes.) */
async function settled(states: string[]): Promise<void> {
  for (;;) {
    const { rows } = await test.pool.query('select state from messages order by channel');
    if (JSON.stringify(rows.map((row) => row.state)) === JSON.stringify(states)) return;
    await delay(50);
  }
}

beforeAll(async () => {
  program = (await bundleWorker()).file;
});

beforeEach(async () => {
  test = await createTestDatabase();
  seen = [];
  workers = [];
  taken = async () => 'answer';
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
});

afterEach(async () => {
  for (const worker of workers) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'exit');
    expect(code).toBe(0);
  }
  provider.closeAllConnections();
  provider.close();
  await test.drop();
});

const start = async () => {
  const administrator = await testAdministrator(test.database);
  return testAccount(test.database, administrator, { username: 'Théâtre & Søn Ltd' });
};

it('sends one email and one text, with the link and the code', async () => {
  const account = await start();
  const { token, code } = await presentReveal(test.database, account.id);
  await startWorker();
  await settled(['sent', 'sent']);
  const [email] = seen.filter((message) => message.provider === 'resend');
  const [sms] = seen.filter((message) => message.provider === 'sns');
  expect(seen).toHaveLength(2);
  expect(email?.body).toContain(`/reveal#${token}`);
  expect(containsCode(email?.body ?? code, code)).toBe(false);
  expect(decodeURIComponent(sms?.body.replaceAll('+', ' ') ?? '')).toContain(`@localhost #${code}`);
});

it('killed between the answer and the end of the job: sends the same again, within 20 seconds', async () => {
  await start();
  const first = await startWorker();
  const killed = once(first, 'exit');
  // The provider has both messages; the worker never hears of it.
  const both = new Promise<void>((resolve) => {
    taken = async () => {
      if (seen.length === 2) resolve();
      return new Promise(() => {});
    };
  });
  await both;
  const killedAt = Date.now();
  first.kill('SIGKILL');
  await killed;
  taken = async () => 'answer';
  await startWorker();
  await settled(['sent', 'sent']);
  expect(Date.now() - killedAt).toBeLessThan(20_000);
  const emails = seen.filter((message) => message.provider === 'resend');
  const texts = seen.filter((message) => message.provider === 'sns');
  expect(new Set(emails.map((message) => `${message.id} ${message.body}`)).size).toBe(1);
  expect(texts.length).toBeLessThanOrEqual(2);
  expect(new Set(texts.map((message) => message.body)).size).toBe(1);
}, 40_000);

it('tries again after a failure, and shows meanwhile on the account that it does', async () => {
  const account = await start();
  const failed = new Promise<void>((resolve) => {
    taken = async (message) => {
      if (message.provider === 'sns') return 'answer';
      if (seen.filter((earlier) => earlier.provider === 'resend').length > 1) return 'answer';
      resolve();
      return 'fail';
    };
  });
  await startWorker();
  await failed;
  await settled(['queued', 'sent']);
  await settled(['sent', 'sent']);
  expect((await readSummary(test.database, account.id))?.deliveryFailures).toEqual([]);
  const { rows } = await test.pool.query("select output::text from pgboss.job where name = 'send-email'");
  expect(JSON.stringify(rows)).not.toMatch(/token|reveal#|@example/);
}, 40_000);

it('gives up what the provider refuses, and shows it on the account', async () => {
  const account = await start();
  taken = async (message) => (message.provider === 'resend' ? 'refuse' : 'answer');
  await startWorker();
  await settled(['failed', 'sent']);
  expect((await readSummary(test.database, account.id))?.deliveryFailures).toEqual([
    expect.stringMatching(/^The email could not be sent: Resend refused/),
  ]);
});
