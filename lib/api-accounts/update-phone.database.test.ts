import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { countSms, setSmsPolicy } from '#lib/testing/sms.ts';
import type { AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';
import { updateApiAccount } from './update.ts';

type Edit = Partial<Pick<AccountSummary, 'email' | 'phone' | 'active'>>;

let db: TestDatabase;
let administrator: Administrator;
const save = ({ id, version, email, phone, active }: AccountSummary, change: Edit) =>
  updateApiAccount(db.database, administrator, { id, version, email, phone, active, ...change });

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

describe('updateApiAccount', () => {
  it('returns a field error for a number of a country that is not allowed, and saves nothing', async () => {
    const account = await createTestAccount(db.database, administrator);
    const result = await save(account, { phone: '+4520123456', email: 'new@example.com' });
    expect(result).toEqual({
      ok: false,
      reason: 'invalid',
      fieldErrors: {
        phone: 'Texts to Denmark are turned off. Use another number, or turn Denmark on in Text messages.',
      },
    });
    expect(await readSummary(db.database, account.id)).toEqual(account);
  });

  it.each([
    ['as it is', (phone: string) => phone],
    ['with spaces', (phone: string) => ` ${phone.slice(0, 3)} ${phone.slice(3, 6)}-${phone.slice(6)} `],
    ['with 00', (phone: string) => phone.replace('+', '00')],
  ])(
    'accepts the current number in a deactivation, even if its country is not allowed: %s',
    async (_, format) => {
      await setSmsPolicy(db.database, { countries: ['NO'] });
      const account = await createTestAccount(db.database, administrator, { phone: '+4740612345' });
      await setSmsPolicy(db.database, {});
      const deactivation = await save(account, { active: false, phone: format(account.phone) });
      expect(deactivation).toMatchObject({ ok: true, account: { status: 'inactive', phone: account.phone } });
    },
  );

  it('queues the email and blocks the SMS if only the email address of an account whose number is not allowed changes', async () => {
    await setSmsPolicy(db.database, { countries: ['NO'] });
    const account = await createTestAccount(db.database, administrator, { phone: '+4740612345' });
    await setSmsPolicy(db.database, {});
    const before = await countSms(db.database);
    expect(await save(account, { email: 'new@example.com' })).toMatchObject({
      ok: true,
      wasRevealRestarted: true,
      account: { deliveryProblems: [], smsBlockedReason: 'texts to Norway are turned off' },
    });
    expect(await countSms(db.database)).toEqual({ ...before, refused: before.refused + 1 });
  });

  it('accepts the current number even if the numbering metadata no longer contains it', async () => {
    const account = await createTestAccount(db.database, administrator);
    await db.pool.query("update api_accounts set phone = '+449098790000' where id = $1", [account.id]);
    expect(await save(account, { active: false, phone: '+449098790000' })).toMatchObject({ ok: true });
  });
});
