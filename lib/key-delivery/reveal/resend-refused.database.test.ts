import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { currentReveal, letTimePass, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { countSms, setSmsPolicy } from '#lib/testing/sms.ts';
import { resendMessages } from './resend.ts';
import { submitCode } from './submit-code.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

it('consumes nothing for an SMS that the SMS policy blocks, and keeps the code and the queued SMS', async () => {
  const administrator = await testAdministrator(test.database);
  const { id } = await testAccount(test.database, administrator);
  await letTimePass(test.database, id, '61 seconds');
  const before = await currentReveal(test.database, id);
  await setSmsPolicy(test.database, { perAccountPerDay: 1 });

  const result = await resendMessages(test.database, administrator, { id, what: 'both' });
  expect(result).toMatchObject({
    ok: true,
    email: { sent: true },
    text: { sent: false, reason: 'refused', failure: expect.stringContaining('1') },
  });
  expect(await currentReveal(test.database, id)).toMatchObject({
    code: before.code,
    codeIssuedAt: before.codeIssuedAt,
    smsResent: 0,
    emailsResent: 1,
  });
  expect(await countSms(test.database)).toMatchObject({ queued: 1, refused: 1 });
  const { rows } = await test.pool.query(
    "select details from audit_events where action = 'reveal.sent_again'",
  );
  expect(rows).toMatchObject([{ details: { what: 'email' } }]);
  expect(await submitCode(test.database, { token: before.token, code: before.code })).toMatchObject({
    ok: true,
  });
});
