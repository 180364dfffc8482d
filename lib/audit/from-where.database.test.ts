import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { signOut } from '#lib/identity/sessions/sign-out.ts';
import { signIn } from '#lib/identity/sign-in/sign-in.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { markFailed, markSent } from '#lib/notifications/delivery/finish-attempt.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  letTimePass,
  presentReveal,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';

const INTEGRATOR = '198.51.100.4';

let test: TestDatabase;
let ada: Administrator;
beforeAll(async () => {
  test = await createTestDatabase();
  ada = await testAdministrator(test.database);
});
afterAll(() => test.drop());

/** What is on record since a position: act, from where, with what outcome. */
async function since(position: number): Promise<string[]> {
  const { rows } = await test.pool.query(
    'select act, address, outcome from audit_events where position > $1 order by position',
    [position],
  );
  return rows.map(({ act, address, outcome }) => `${act} ${address} ${outcome}`);
}

async function end(): Promise<number> {
  const { rows } = await test.pool.query('select position::int from audit_chain');
  return rows[0].position;
}

it('says from where an administrator acted, and from where the integrator did', async () => {
  const begun = await end();
  const { id, version } = await testAccount(test.database, ada);
  const { email, phone } = { email: 'other@example.com', phone: '+447894123457' };
  await updateApiAccount(test.database, ada, { id, version, email, phone, active: false });
  await resetApiKey(test.database, ada, { id });
  const from = ada.address;
  expect(await since(begun)).toEqual([
    `api_account.created ${from} done`,
    `reveal.started ${from} done`,
    `api_account.edited ${from} done`,
    `api_account.deactivated ${from} done`,
    `reveal.started ${from} done`,
    `api_key.reset ${from} done`,
    `reveal.started ${from} done`,
  ]);
  const acted = await end();
  await letTimePass(test.database, id, '31 seconds');
  const first = await presentReveal(test.database, id);
  await submitCode(test.database, { ...first, code: wrongCode(first.code) }, INTEGRATOR);
  await requestNewCode(test.database, first.token, INTEGRATOR);
  await submitCode(test.database, await presentReveal(test.database, id), INTEGRATOR);
  expect(await since(acted)).toEqual([
    `reveal.wrong_code ${INTEGRATOR} refused`,
    `reveal.new_code ${INTEGRATOR} done`,
    `api_key.shown ${INTEGRATOR} done`,
  ]);
});

it('says from where somebody signed in, failed to, was signed in anew, and signed out', async () => {
  const person = { email: 'grace@example.com', password: 'a password for a test' };
  await createUser(test.database, { ...person, name: 'Grace', role: null });
  const begun = await end();
  const first = await signIn(test.database, { ...person, address: '203.0.113.1' });
  await signIn(test.database, { ...person, password: 'another', address: '203.0.113.2' });
  const formerSessionId = first.ok ? first.sessionId : null;
  const second = await signIn(test.database, { ...person, address: '203.0.113.3', formerSessionId });
  await signOut(test.database, second.ok ? second.sessionId : '', '203.0.113.4');
  expect(await since(begun)).toEqual([
    'sign_in.succeeded 203.0.113.1 done',
    'sign_in.failed 203.0.113.2 refused',
    'sign_in.succeeded 203.0.113.3 done',
    'sign_out 203.0.113.3 done',
    'sign_out 203.0.113.4 done',
  ]);
});

it('puts on record that a message was accepted or given up: once, with what it was', async () => {
  const { id: accountId } = await testAccount(test.database, ada);
  const { rows } = await test.pool.query(
    `select m.id, m.kind from messages m join reveals r on r.id = m.reveal_id where r.account_id = $1 order by kind desc`,
    [accountId],
  );
  const [email, text] = rows;
  const begun = await end();
  for (const providerId of ['one', 'two']) {
    await markSent(test.database, email.id, { provider: 'resend', providerId });
    await markFailed(test.database, text.id, 'The number does not exist.');
  }
  const { rows: recorded } = await test.pool.query(
    'select act, account_id as "accountId", outcome, details from audit_events where position > $1 order by position',
    [begun],
  );
  expect(recorded).toEqual([
    {
      act: 'message.sent',
      accountId,
      outcome: 'done',
      details: { messageId: email.id, kind: 'reveal_link', channel: 'email', provider: 'resend' },
    },
    {
      act: 'message.failed',
      accountId,
      outcome: 'refused',
      details: { messageId: text.id, kind: 'code', channel: 'sms', failure: 'The number does not exist.' },
    },
  ]);
});

it('puts on record of a notice what it told, and where it went', async () => {
  const { userId } = await testAdministrator(test.database);
  const sender = await queueFor(test.pool);
  const notice = {
    kind: 'security_notice',
    userId,
    notice: 'email_changed',
    noticeTo: 'former@example.com',
  } as const;
  await withTransaction(test.database, (transaction) => queueMessage(transaction, sender, notice));
  const { rows } = await test.pool.query('select id from messages where user_id = $1', [userId]);
  await markSent(test.database, rows[0].id, { provider: 'smtp', providerId: 'three' });
  const { rows: recorded } = await test.pool.query(
    "select details from audit_events where act = 'message.sent' and target_user_id = $1",
    [userId],
  );
  expect(recorded).toMatchObject([{ details: { notice: 'email_changed', to: 'former@example.com' } }]);
});

it('does not count a message as sent where that cannot be put on record', async () => {
  const { id } = await testAccount(test.database, ada);
  const { rows } = await test.pool.query(
    'select m.id from messages m join reveals r on r.id = m.reveal_id where r.account_id = $1',
    [id],
  );
  await test.pool.query(
    "alter table audit_events add constraint no_room check (act <> 'message.sent') not valid",
  );
  const sent = markSent(test.database, rows[0].id, { provider: 'resend', providerId: 'x' });
  await expect(sent).rejects.toThrow();
  await test.pool.query('alter table audit_events drop constraint no_room');
  const { rows: state } = await test.pool.query('select state from messages where id = $1', [rows[0].id]);
  expect(state).toEqual([{ state: 'queued' }]);
});
