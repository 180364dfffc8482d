import { afterEach, beforeEach, expect, it } from 'vitest';
import { presentReveal, testAccount } from '#lib/testing/accounts.ts';
import { Sending } from '#lib/testing/sending.ts';

let sending: Sending;

beforeEach(async () => {
  sending = await Sending.start();
});
afterEach(async () => {
  expect(await sending.stopWorkers()).toEqual([0]);
  await sending.close();
});

const start = () =>
  testAccount(sending.test.database, sending.administrator, { username: 'Théâtre & Søn Ltd' });

it('sends one email and one text, with the link and the code', async () => {
  const account = await start();
  const { token, code } = await presentReveal(sending.test.database, account.id);
  await sending.startWorker();
  await sending.allAre("state = 'sent'");
  expect(sending.providers.taken).toHaveLength(2);
  const [email] = sending.providers.of('email');
  const [sms] = sending.providers.of('sms');
  const { text, html } = JSON.parse(email?.body ?? '');
  expect(text).toContain(`/reveal#${token}`);
  expect(html).toContain(`/reveal#${token}`);
  // Without the token and the markup, which may hold any six digits.
  expect(`${text} ${html.replaceAll(/<[^>]*>/g, '')}`.replaceAll(token, '')).not.toContain(code);
  expect(sms?.body).toContain(`@localhost #${code}`);
});

it('sends the same messages again if it was killed before it heard the answers, within 20 seconds', async () => {
  await start();
  const both = Promise.withResolvers<void>();
  sending.providers.behave = () => {
    if (sending.providers.taken.length === 2) both.resolve();
    return 'hang';
  };
  const first = await sending.startWorker();
  await both.promise;
  const killedAt = performance.now();
  await first.kill();
  sending.providers.behave = () => 'accept';
  await sending.startWorker();
  await sending.allAre("state = 'sent'");
  expect(performance.now() - killedAt).toBeLessThan(20_000);
  const emails = sending.providers.of('email');
  const texts = sending.providers.of('sms');
  expect(new Set(emails.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  expect(texts.length).toBeLessThanOrEqual(2);
  expect(new Set(texts.map(({ body }) => body)).size).toBe(1);
}, 40_000);

it('tries again after a failure, and shows meanwhile on the account that it does', async () => {
  const account = await start();
  sending.providers.behave = ({ channel }) =>
    channel === 'email' && sending.providers.of('email').length === 1
      ? { status: 500, body: '{}' }
      : 'accept';
  await sending.startWorker();
  await sending.allAre("case channel when 'sms' then state = 'sent' else next_attempt_at is not null end");
  expect(await sending.failuresOf(account.id)).toEqual([
    expect.stringMatching(/^The email has not gone out yet, and is being tried again: Resend/),
  ]);
  await sending.letWaitPass();
  await sending.allAre("state = 'sent'");
  expect(await sending.failuresOf(account.id)).toEqual([]);
  const { rows } = await sending.test.pool.query(
    "select output::text from pgboss.job where name = 'send-email'",
  );
  expect(JSON.stringify(rows)).not.toMatch(/token|reveal#|@example/);
}, 40_000);

it('gives up what the provider refuses, and shows it on the account', async () => {
  const account = await start();
  const body = '{"statusCode":422,"name":"validation_error","message":"no"}';
  sending.providers.behave = ({ channel }) => (channel === 'email' ? { status: 422, body } : 'accept');
  await sending.startWorker();
  await sending.allAre("state = case channel when 'sms' then 'sent' else 'failed' end");
  expect(await sending.failuresOf(account.id)).toEqual([
    expect.stringMatching(/^The email could not be sent: Resend refused/),
  ]);
});
