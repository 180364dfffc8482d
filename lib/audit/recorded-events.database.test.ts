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
import { abandonMessage, markSent } from '#lib/notifications/delivery/attempt.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';

const INTEGRATOR_IP = '198.51.100.4';

let db: TestDatabase;
let ada: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  ada = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** Reads the events after a position as texts: action, IP address and outcome. */
async function readEventsAfter(position: number): Promise<string[]> {
  const { rows } = await db.pool.query(
    'select action, address, outcome from audit_events where position > $1 order by position',
    [position],
  );
  return rows.map(({ action, address, outcome }) => `${action} ${address} ${outcome}`);
}

async function readLastPosition(): Promise<number> {
  const { rows } = await db.pool.query('select position::int from audit_chain');
  return rows[0].position;
}

it('records the IP addresses of the administrator and the integrator', async () => {
  const start = await readLastPosition();
  const { id, version } = await createTestAccount(db.database, ada);
  const { email, phone } = { email: 'other@example.com', phone: '+447894123457' };
  await updateApiAccount(db.database, ada, { id, version, email, phone, active: false });
  await resetApiKey(db.database, ada, { id });
  const ipAddress = ada.ipAddress;
  expect(await readEventsAfter(start)).toEqual([
    `api_account.created ${ipAddress} done`,
    `reveal.started ${ipAddress} done`,
    `api_account.edited ${ipAddress} done`,
    `api_account.deactivated ${ipAddress} done`,
    `reveal.started ${ipAddress} done`,
    `api_key.reset ${ipAddress} done`,
    `reveal.started ${ipAddress} done`,
  ]);
  const afterChanges = await readLastPosition();
  // The integrator can request a new code 30 seconds after the previous one.
  await letTimePass(db.database, id, '31 seconds');
  const first = await readCurrentReveal(db.database, id);
  await submitCode(db.database, { ...first, code: makeWrongCode(first.code) }, INTEGRATOR_IP);
  await requestNewCode(db.database, first.token, INTEGRATOR_IP);
  await submitCode(db.database, await readCurrentReveal(db.database, id), INTEGRATOR_IP);
  expect(await readEventsAfter(afterChanges)).toEqual([
    `reveal.wrong_code ${INTEGRATOR_IP} refused`,
    `reveal.new_code ${INTEGRATOR_IP} done`,
    `api_key.shown ${INTEGRATOR_IP} done`,
  ]);
});

it('records the IP addresses of sign-ins, failed sign-ins and sign-outs', async () => {
  const credentials = { email: 'grace@example.com', password: 'a password for a test' };
  await createUser(db.database, { ...credentials, name: 'Grace', role: null });
  const start = await readLastPosition();
  const first = await signIn(db.database, { ...credentials, ipAddress: '203.0.113.1' });
  await signIn(db.database, { ...credentials, password: 'another', ipAddress: '203.0.113.2' });
  const previousSessionId = first.ok ? first.sessionId : null;
  const second = await signIn(db.database, { ...credentials, ipAddress: '203.0.113.3', previousSessionId });
  await signOut(db.database, second.ok ? second.sessionId : '', '203.0.113.4');
  expect(await readEventsAfter(start)).toEqual([
    'sign_in.succeeded 203.0.113.1 done',
    'sign_in.failed 203.0.113.2 refused',
    'sign_in.succeeded 203.0.113.3 done',
    'sign_out 203.0.113.3 done',
    'sign_out 203.0.113.4 done',
  ]);
});

it('records once that a message was sent or abandoned, with its kind', async () => {
  const { id: accountId } = await createTestAccount(db.database, ada);
  const { rows } = await db.pool.query(
    `select m.id, m.kind from messages m join reveals r on r.id = m.reveal_id where r.account_id = $1 order by kind desc`,
    [accountId],
  );
  const [email, sms] = rows;
  const start = await readLastPosition();
  for (const providerId of ['one', 'two']) {
    await markSent(db.database, email.id, { provider: 'resend', providerId });
    await abandonMessage(db.database, sms.id, 'The number does not exist.');
  }
  const { rows: recorded } = await db.pool.query(
    'select action, account_id as "accountId", outcome, details from audit_events where position > $1 order by position',
    [start],
  );
  expect(recorded).toEqual([
    {
      action: 'message.sent',
      accountId,
      outcome: 'done',
      details: { messageId: email.id, kind: 'reveal_link', channel: 'email', provider: 'resend' },
    },
    {
      // The stored names of an abandoned message.
      action: 'message.failed',
      accountId,
      outcome: 'refused',
      details: { messageId: sms.id, kind: 'code', channel: 'sms', failure: 'The number does not exist.' },
    },
  ]);
});

it('records the kind and the recipient of a security notice', async () => {
  const { userId } = await createTestAdministrator(db.database);
  const queue = await getQueue(db.pool);
  const notice = {
    kind: 'security_notice',
    userId,
    notice: 'email_changed',
    noticeTo: 'former@example.com',
  } as const;
  await withTransaction(db.database, (transaction) => queueMessage(transaction, queue, notice));
  const { rows } = await db.pool.query('select id from messages where user_id = $1', [userId]);
  await markSent(db.database, rows[0].id, { provider: 'smtp', providerId: 'three' });
  const { rows: recorded } = await db.pool.query(
    "select details from audit_events where action = 'message.sent' and target_user_id = $1",
    [userId],
  );
  expect(recorded).toMatchObject([{ details: { notice: 'email_changed', to: 'former@example.com' } }]);
});

it('does not mark a message as sent if the event cannot be recorded', async () => {
  const { id } = await createTestAccount(db.database, ada);
  const { rows } = await db.pool.query(
    'select m.id from messages m join reveals r on r.id = m.reveal_id where r.account_id = $1',
    [id],
  );
  await db.pool.query(
    "alter table audit_events add constraint reject_sent check (action <> 'message.sent') not valid",
  );
  const sent = markSent(db.database, rows[0].id, { provider: 'resend', providerId: 'x' });
  await expect(sent).rejects.toThrow();
  await db.pool.query('alter table audit_events drop constraint reject_sent');
  const { rows: state } = await db.pool.query('select state from messages where id = $1', [rows[0].id]);
  expect(state).toEqual([{ state: 'queued' }]);
});
