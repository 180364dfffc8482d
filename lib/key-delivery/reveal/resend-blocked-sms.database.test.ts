import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { countSms, setSmsPolicy } from '#lib/testing/sms.ts';
import { resendMessages } from './resend.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

it('resendMessages consumes nothing for a blocked SMS, and keeps the current code and its queued SMS', async () => {
  const administrator = await createTestAdministrator(db.database);
  const { id } = await createTestAccount(db.database, administrator);
  await letTimePass(db.database, id, '61 seconds');
  const before = await readCurrentReveal(db.database, id);
  await setSmsPolicy(db.database, { perAccountPerDay: 1 });

  const result = await resendMessages(db.database, administrator, { id, what: 'both' });
  expect(result).toMatchObject({
    ok: true,
    email: { sent: true },
    text: {
      sent: false,
      reason: 'sms_blocked',
      smsBlockedReason: 'the daily limit of 1 for this account was reached',
    },
  });
  expect(await readCurrentReveal(db.database, id)).toMatchObject({
    code: before.code,
    codeIssuedAt: before.codeIssuedAt,
    smsResent: 0,
    emailsResent: 1,
  });
  expect(await countSms(db.database)).toMatchObject({ queued: 1, refused: 1 });
  const { rows } = await db.pool.query("select details from audit_events where action = 'reveal.sent_again'");
  expect(rows).toMatchObject([{ details: { what: 'email' } }]);
  expect(await submitCode(db.database, { token: before.token, code: before.code })).toMatchObject({
    ok: true,
  });
});
