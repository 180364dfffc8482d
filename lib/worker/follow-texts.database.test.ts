import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { markSent, type Provider } from '#lib/notifications/delivery/finish-attempt.ts';
import {
  type Behaviour,
  type SeenRequest,
  startProvider,
} from '#lib/notifications/providers/test-provider.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { until } from '#lib/testing/until.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeEach(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  vi.resetModules();
  vi.stubEnv('TWILIO_ACCOUNT_SID', `AC${'0'.repeat(32)}`);
  vi.stubEnv('TWILIO_AUTH_TOKEN', 'token');
  vi.stubEnv('TWILIO_FROM', 'Stagedoor');
  vi.stubEnv('AWS_REGION', 'eu-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATESTTESTTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(() => test.drop());

/** The id of a text that a provider has accepted. */
async function sentText(provider: Provider, providerId: string): Promise<string> {
  const account = await testAccount(test.database, administrator);
  const { rows } = await test.pool.query(
    `select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'sms'`,
    [account.id],
  );
  const { id } = rows[0];
  await markSent(test.database, id, { provider, providerId });
  return id;
}

const smsId = () => `SM${randomUUID().replaceAll('-', '')}`;
const reports = async () =>
  (await test.pool.query('select message_id, kind, reason, source_id from delivery_reports')).rows;

/** Follows texts every few milliseconds, as the settings of now have it. */
async function follow() {
  const { followTexts } = await import('./follow-texts.ts');
  return followTexts(test.database, 20);
}

async function followTwilio(behaviour: Behaviour | ((request: SeenRequest) => Behaviour)) {
  const provider = await startProvider(behaviour);
  vi.stubEnv('SMS_PROVIDER', 'twilio');
  vi.stubEnv('TWILIO_BASE_URL', provider.url);
  return provider;
}

const message = (status: string, error_code: number | null = null): Behaviour => ({
  status: 200,
  body: JSON.stringify({ status, error_code, date_updated: new Date().toUTCString(), to: '+447894123456' }),
});

it('asks Twilio until it knows, and then no more', async () => {
  let answer = message('sent');
  await using provider = await followTwilio(() => answer);
  const sid = smsId();
  const id = await sentText('twilio', sid);
  const following = await follow();
  await until(
    async () => provider.requests.length,
    (count) => count > 3,
  );
  expect(await reports()).toEqual([]);
  answer = message('undelivered', 30003);
  const found = await until(reports, (rows) => rows.length > 0);
  expect(found).toEqual([
    {
      message_id: id,
      kind: 'failed',
      reason: expect.stringMatching(/switched off/),
      source_id: `twilio:${sid}`,
    },
  ]);
  // Another text shows that rounds go on, and that the first is in none of them.
  const known = provider.requests.length;
  const other = smsId();
  await sentText('twilio', other);
  await until(reports, (rows) => rows.length === 2);
  await following.stop();
  const later = provider.requests.slice(known + 1).map(({ path }) => path);
  expect(later.filter((path) => path.includes(sid))).toEqual([]);
  const { rows } = await test.pool.query('select r::text from delivery_reports r');
  expect(JSON.stringify(rows)).not.toContain('7894123456');
});

it('reads the log of Amazon SNS, where one is set', async () => {
  const providerId = randomUUID();
  const id = await sentText('sns', providerId);
  const entry = {
    notification: { messageId: providerId },
    delivery: {
      destination: '+447894123456',
      providerResponse: 'Message has been accepted by phone carrier',
    },
    status: 'SUCCESS',
  };
  const events = [{ eventId: '1', timestamp: Date.now(), message: JSON.stringify(entry) }];
  await using provider = await startProvider({ status: 200, body: JSON.stringify({ events }) });
  vi.stubEnv('SMS_PROVIDER', 'sns');
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', provider.url);
  const withoutLog = await follow();
  await withoutLog.stop();
  expect(provider.requests).toEqual([]);
  vi.resetModules();
  vi.stubEnv('SNS_DELIVERY_LOG_GROUP', 'sns/eu-west-2/123456789012/DirectPublishToPhoneNumber');
  const following = await follow();
  const found = await until(reports, (rows) => rows.length > 0);
  await following.stop();
  expect(found).toMatchObject([{ message_id: id, kind: 'delivered', source_id: `sns:${providerId}` }]);
});

it('writes down once what several workers find at the same time', async () => {
  await using _provider = await followTwilio(message('delivered'));
  const ids = await Promise.all(Array.from({ length: 10 }, () => sentText('twilio', smsId())));
  const workers = await Promise.all(Array.from({ length: 5 }, follow));
  const found = await until(reports, (rows) => rows.length >= ids.length);
  await Promise.all(workers.map((worker) => worker.stop()));
  expect((await reports()).map((row) => row.message_id).toSorted()).toEqual(ids.toSorted());
  expect(found).toHaveLength(ids.length);
});

it('says once that nobody can be asked, and once that it is over', async () => {
  let answer: Behaviour = { status: 401, body: '{"code":20003,"message":"+447894123456"}' };
  await using provider = await followTwilio(() => answer);
  await sentText('twilio', smsId());
  const said = vi.mocked(process.stderr.write);
  const following = await follow();
  await until(
    async () => provider.requests.length,
    (count) => count > 4,
  );
  answer = 'cut';
  await until(
    async () => provider.requests.length,
    (count) => count > 8,
  );
  answer = message('delivered');
  await until(reports, (rows) => rows.length > 0);
  await vi.waitFor(() => expect(String(said.mock.calls)).toContain('worker.texts_followed_again'));
  await following.stop();
  const lines = said.mock.calls
    .map(([line]) => JSON.parse(String(line)))
    .filter(({ event }) => event.startsWith('worker.'));
  expect(lines).toMatchObject([
    { event: 'worker.texts_not_followed', level: 'warn', reason: 'Twilio answered with an error (401)' },
    { event: 'worker.texts_followed_again', level: 'info' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('7894123456');
});

it('goes on after the database was away', async () => {
  await using _provider = await followTwilio(message('delivered'));
  await sentText('twilio', smsId());
  await test.pool.query('alter table messages rename to elsewhere');
  const said = vi.mocked(process.stderr.write);
  const following = await follow();
  await vi.waitFor(() => expect(String(said.mock.calls)).toContain('worker.texts_not_followed'));
  await test.pool.query('alter table elsewhere rename to messages');
  expect(await until(reports, (rows) => rows.length > 0)).toHaveLength(1);
  await following.stop();
});

it('stops at once, though the provider hangs', async () => {
  await using provider = await followTwilio('hang');
  await sentText('twilio', smsId());
  const following = await follow();
  await until(
    async () => provider.requests.length,
    (count) => count > 0,
  );
  await following.stop();
  await expect.poll(provider.openConnections).toBe(0);
  expect(provider.requests).toHaveLength(1);
});
