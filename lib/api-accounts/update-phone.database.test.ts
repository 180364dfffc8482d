import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { UNKNOWN_NUMBER } from '#lib/platform/phone-numbers/messages.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { countSms, setSmsPolicy } from '#lib/testing/sms.ts';
import type { AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';
import { updateApiAccount } from './update.ts';

type Edit = Partial<Pick<AccountSummary, 'email' | 'phone' | 'active'> & { isPhoneConfirmed: boolean }>;

let db: TestDatabase;
let administrator: Administrator;
const save = ({ id, version, email, phone, active }: AccountSummary, change: Edit) =>
  updateApiAccount(db.database, administrator, { id, version, email, phone, active, ...change });

/** Reads for each edit of an account whether it records that an unknown phone number was confirmed. */
const readEdits = async (id: string) =>
  (
    await db.pool.query(
      `select details->'phoneConfirmed' as confirmed from audit_events
       where account_id = $1 and action = 'api_account.edited' order by id`,
      [id],
    )
  ).rows.map(({ confirmed }) => confirmed);

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

  it('saves a number that the metadata does not know only if it is confirmed, and records that', async () => {
    await setSmsPolicy(db.database, { countries: ['KE'] });
    const account = await createTestAccount(db.database, administrator);
    const phone = '+254199123456';
    const unknown = { ok: false, reason: 'invalid', fieldErrors: { phone: UNKNOWN_NUMBER } };
    expect(await save(account, { phone })).toEqual(unknown);
    expect(await save(account, { phone, isPhoneConfirmed: false })).toEqual(unknown);
    const saved = await save(account, { phone: '+254 199 123 456', isPhoneConfirmed: true });
    expect(saved).toMatchObject({
      ok: true,
      wasRevealRestarted: true,
      account: { phone, smsBlockedReason: null, deliveryProblems: [] },
    });
    // The confirmed number is not asked about again.
    const after = await readSummary(db.database, account.id);
    if (!after) throw new Error('no account');
    expect(await save(after, { email: 'new@example.com' })).toMatchObject({ ok: true });
    expect(await readEdits(account.id)).toEqual([true, null]);
    await setSmsPolicy(db.database, {});
  });

  it('does not record a confirmation of a known number', async () => {
    const account = await createTestAccount(db.database, administrator);
    await save(account, { phone: '+447894123457', isPhoneConfirmed: true });
    expect(await readEdits(account.id)).toEqual([null]);
  });

  it('rejects a confirmed number of a country that is not allowed, and an impossible one', async () => {
    const account = await createTestAccount(db.database, administrator);
    const readError = async (phone: string) => {
      const result = await save(account, { phone, isPhoneConfirmed: true });
      return !result.ok && result.reason === 'invalid' ? result.fieldErrors.phone : undefined;
    };
    expect(await readError('+254199123456')).toMatch(/^Texts to Kenya are turned off/);
    expect(await readError('+1300555123')).toMatch(/isn’t a valid number/);
  });

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
