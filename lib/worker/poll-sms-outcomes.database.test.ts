import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { markSent } from '#lib/notifications/delivery/attempt.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';
import {
  type Behaviour,
  type ReceivedRequest,
  startProvider,
} from '#lib/notifications/providers/test-provider.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { until } from '#lib/testing/until.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeEach(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  vi.resetModules();
  vi.stubEnv('TWILIO_ACCOUNT_SID', `AC${'0'.repeat(32)}`);
  vi.stubEnv('TWILIO_AUTH_TOKEN', 'token');
  vi.stubEnv('TWILIO_FROM', 'Stagedoor');
  vi.stubEnv('AWS_REGION', 'eu-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATESTTESTTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(() => db.drop());

/** Inserts an SMS that the provider has accepted, and returns its id. */
async function insertSentSms(provider: Provider, providerId: string): Promise<string> {
  const account = await createTestAccount(db.database, administrator);
  const { rows } = await db.pool.query(
    `select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'sms'`,
    [account.id],
  );
  const { id } = rows[0];
  await markSent(db.database, id, { provider, providerId });
  return id;
}

const createTwilioSid = () => `SM${randomUUID().replaceAll('-', '')}`;
const readReports = async () =>
  (await db.pool.query('select message_id, kind, reason, source_id from delivery_reports')).rows;

/** Polls every 20 milliseconds with the current settings. */
async function startPolling() {
  const { startSmsOutcomePolling } = await import('./poll-sms-outcomes.ts');
  return startSmsOutcomePolling(db.database, 20);
}

async function startTwilio(behaviour: Behaviour | ((request: ReceivedRequest) => Behaviour)) {
  const provider = await startProvider(behaviour);
  vi.stubEnv('SMS_PROVIDER', 'twilio');
  vi.stubEnv('TWILIO_BASE_URL', provider.url);
  return provider;
}

const createMessageResponse = (status: string, error_code: number | null = null): Behaviour => ({
  status: 200,
  body: JSON.stringify({ status, error_code, date_updated: new Date().toUTCString(), to: '+447894123456' }),
});

describe('startSmsOutcomePolling', () => {
  it('polls Twilio for an SMS until its outcome is final', async () => {
    let response = createMessageResponse('sent');
    await using provider = await startTwilio(() => response);
    const sid = createTwilioSid();
    const id = await insertSentSms('twilio', sid);
    const polling = await startPolling();
    await until(
      async () => provider.requests.length,
      (count) => count > 3,
    );
    expect(await readReports()).toEqual([]);
    response = createMessageResponse('undelivered', 30003);
    const found = await until(readReports, (rows) => rows.length > 0);
    expect(found).toEqual([
      {
        message_id: id,
        kind: 'failed',
        reason: expect.stringMatching(/may be off/),
        source_id: `twilio:${sid}`,
      },
    ]);
    // A second SMS shows that polling continues, without the first SMS.
    const requestCount = provider.requests.length;
    await insertSentSms('twilio', createTwilioSid());
    await until(readReports, (rows) => rows.length === 2);
    await polling.stop();
    const laterPaths = provider.requests.slice(requestCount + 1).map(({ path }) => path);
    expect(laterPaths.filter((path) => path.includes(sid))).toEqual([]);
    const { rows } = await db.pool.query('select r::text from delivery_reports r');
    expect(JSON.stringify(rows)).not.toContain('7894123456');
  });

  it('reads the delivery logs of SNS only if a log group is set', async () => {
    const providerId = randomUUID();
    const id = await insertSentSms('sns', providerId);
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
    const pollingWithoutLogs = await startPolling();
    await pollingWithoutLogs.stop();
    expect(provider.requests).toEqual([]);
    vi.resetModules();
    vi.stubEnv('SNS_DELIVERY_LOG_GROUP', 'sns/eu-west-2/123456789012/DirectPublishToPhoneNumber');
    const polling = await startPolling();
    const found = await until(readReports, (rows) => rows.length > 0);
    await polling.stop();
    expect(found).toMatchObject([{ message_id: id, kind: 'delivered', source_id: `sns:${providerId}` }]);
  });

  it('records an outcome once if several workers poll at the same time', async () => {
    await using _provider = await startTwilio(createMessageResponse('delivered'));
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => insertSentSms('twilio', createTwilioSid())),
    );
    const workers = await Promise.all(Array.from({ length: 5 }, startPolling));
    const found = await until(readReports, (rows) => rows.length >= ids.length);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect((await readReports()).map((row) => row.message_id).toSorted()).toEqual(ids.toSorted());
    expect(found).toHaveLength(ids.length);
  });

  it('logs only the first failed poll and the recovery', async () => {
    let response: Behaviour = { status: 401, body: '{"code":20003,"message":"+447894123456"}' };
    await using provider = await startTwilio(() => response);
    await insertSentSms('twilio', createTwilioSid());
    const stderr = vi.mocked(process.stderr.write);
    const polling = await startPolling();
    await until(
      async () => provider.requests.length,
      (count) => count > 4,
    );
    response = 'cut';
    await until(
      async () => provider.requests.length,
      (count) => count > 8,
    );
    response = createMessageResponse('delivered');
    await until(readReports, (rows) => rows.length > 0);
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.sms_polling_recovered'));
    await polling.stop();
    const lines = stderr.mock.calls
      .map(([line]) => JSON.parse(String(line)))
      .filter(({ event }) => event.startsWith('worker.'));
    expect(lines).toMatchObject([
      { event: 'worker.sms_polling_failed', level: 'warn', reason: 'Twilio returned an error (401).' },
      { event: 'worker.sms_polling_recovered', level: 'info' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('7894123456');
  });

  it('continues after a database failure', async () => {
    await using _provider = await startTwilio(createMessageResponse('delivered'));
    await insertSentSms('twilio', createTwilioSid());
    await db.pool.query('alter table messages rename to elsewhere');
    const stderr = vi.mocked(process.stderr.write);
    const polling = await startPolling();
    await vi.waitFor(() => expect(String(stderr.mock.calls)).toContain('worker.sms_polling_failed'));
    await db.pool.query('alter table elsewhere rename to messages');
    expect(await until(readReports, (rows) => rows.length > 0)).toHaveLength(1);
    await polling.stop();
  });

  it('stops immediately while the provider hangs', async () => {
    await using provider = await startTwilio('hang');
    await insertSentSms('twilio', createTwilioSid());
    const polling = await startPolling();
    await until(
      async () => provider.requests.length,
      (count) => count > 0,
    );
    await polling.stop();
    await expect.poll(provider.countConnections).toBe(0);
    expect(provider.requests).toHaveLength(1);
  });
});
