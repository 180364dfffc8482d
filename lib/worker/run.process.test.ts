import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestAccount, readCurrentReveal } from '#lib/testing/accounts.ts';
import { DeliveryTestBed } from '#lib/testing/delivery-test-bed.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { TEST_TIMING } from '#lib/testing/worker-process.ts';

let testBed: DeliveryTestBed;

beforeEach(async () => {
  testBed = await DeliveryTestBed.start();
});
afterEach(async () => {
  // The exit code of each worker that was not killed: one per test.
  expect(await testBed.stopWorkers()).toEqual([0]);
  await testBed.close();
});

const createAccount = () =>
  createTestAccount(testBed.db.database, testBed.administrator, { username: 'Théâtre & Søn Ltd' });

describe('worker', () => {
  it('sends one email with the link and one SMS with the code', async () => {
    const account = await createAccount();
    const { token, code } = await readCurrentReveal(testBed.db.database, account.id);
    await testBed.startWorker();
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.received).toHaveLength(2);
    const [email] = testBed.providers.getReceived('email');
    const [sms] = testBed.providers.getReceived('sms');
    const { text, html } = JSON.parse(email?.body ?? '');
    expect(text).toContain(`/reveal#${token}`);
    expect(html).toContain(`/reveal#${token}`);
    // The token and the markup may contain the same six digits by chance.
    expect(`${text} ${html.replaceAll(/<[^>]*>/g, '')}`.replaceAll(token, '')).not.toContain(code);
    expect(sms?.body).toContain(`@localhost #${code}`);
  });

  itInSoak('sends messages that have piled up without waiting for polls', async () => {
    for (let count = 0; count < 3; count += 1)
      await createTestAccount(testBed.db.database, testBed.administrator);
    await testBed.startWorker({ timing: { ...TEST_TIMING, pollSeconds: 3_600 } });
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.getReceived('sms')).toHaveLength(3);
  });

  it('resends the same messages within 20 seconds after a worker was killed before the responses', async () => {
    await createAccount();
    const bothReceived = Promise.withResolvers<void>();
    testBed.providers.behave = () => {
      if (testBed.providers.received.length === 2) bothReceived.resolve();
      return 'hang';
    };
    const killedWorker = await testBed.startWorker();
    await bothReceived.promise;
    const killedAt = performance.now();
    await killedWorker.kill();
    testBed.providers.behave = () => 'accept';
    await testBed.startWorker();
    await testBed.waitForMessages("state = 'sent'");
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    const emails = testBed.providers.getReceived('email');
    const sms = testBed.providers.getReceived('sms');
    expect(new Set(emails.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
    expect(sms.length).toBeLessThanOrEqual(2);
    expect(new Set(sms.map(({ body }) => body)).size).toBe(1);
  });

  it('retries after a failure and shows the retry on the account', async () => {
    const account = await createAccount();
    testBed.providers.behave = ({ channel }) =>
      channel === 'email' ? { status: 500, body: '{}' } : 'accept';
    await testBed.startWorker();
    await testBed.waitForMessages(
      "case channel when 'sms' then state = 'sent' else next_attempt_at is not null end",
    );
    expect(await testBed.readFailures(account.id)).toEqual([
      expect.stringMatching(/^The email hasn’t been sent yet\. Resend .*We’ll try again in a moment\.$/),
    ]);
    testBed.providers.behave = () => 'accept';
    await testBed.skipWait();
    await testBed.waitForMessages("state = 'sent'");
    expect(await testBed.readFailures(account.id)).toEqual([]);
    // What pg-boss stores about the jobs contains neither the link nor an email address.
    const { rows } = await testBed.db.pool.query(
      "select output::text from pgboss.job where name = 'send-email'",
    );
    expect(JSON.stringify(rows)).not.toMatch(/token|reveal#|@example/);
  });

  it('abandons a message that the provider rejects and shows it on the account', async () => {
    const account = await createAccount();
    const body = '{"statusCode":422,"name":"validation_error","message":"no"}';
    testBed.providers.behave = ({ channel }) => (channel === 'email' ? { status: 422, body } : 'accept');
    await testBed.startWorker();
    await testBed.waitForMessages("state = case channel when 'sms' then 'sent' else 'failed' end");
    expect(await testBed.readFailures(account.id)).toEqual([
      expect.stringMatching(/^The email couldn’t be sent\. Resend rejected/),
    ]);
  });
});
