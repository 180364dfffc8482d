import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { setSmsPolicy, textsOf } from '#lib/testing/sms.ts';
import type { AccountSummary } from './schema.ts';
import { readSummary } from './summary.ts';
import { updateApiAccount } from './update.ts';

type Edit = Partial<Pick<AccountSummary, 'email' | 'phone' | 'active'>>;

let own: TestDatabase;
let someone: Administrator;
const save = ({ id, version, email, phone, active }: AccountSummary, change: Edit) =>
  updateApiAccount(own.database, someone, { id, version, email, phone, active, ...change });

beforeAll(async () => {
  own = await createTestDatabase();
  someone = await testAdministrator(own.database);
});
afterAll(() => own.drop());

it('a number of a country that is switched off is refused at its field, and nothing is saved', async () => {
  const account = await testAccount(own.database, someone);
  const result = await save(account, { phone: '+4520123456', email: 'new@example.com' });
  expect(result).toEqual({
    ok: false,
    reason: 'invalid',
    fieldErrors: {
      phone:
        'Texts to Denmark are not switched on. Choose another number, or tick Denmark under Settings › Text messages.',
    },
  });
  expect(await readSummary(own.database, account.id)).toEqual(account);
});

it.each([
  ['as it is', (phone: string) => phone],
  ['with spaces', (phone: string) => ` ${phone.slice(0, 3)} ${phone.slice(3, 6)}-${phone.slice(6)} `],
  ['with 00', (phone: string) => phone.replace('+', '00')],
])('that the account has already keeps nobody from unticking it: %s', async (_, type) => {
  await setSmsPolicy(own.database, { countries: ['NO'] });
  const account = await testAccount(own.database, someone, { phone: '+4740612345' });
  await setSmsPolicy(own.database, {});
  const unticked = await save(account, { active: false, phone: type(account.phone) });
  expect(unticked).toMatchObject({ ok: true, account: { status: 'inactive', phone: account.phone } });
});

it('goes with the account to a new email address: that goes out, the text is refused and says why', async () => {
  await setSmsPolicy(own.database, { countries: ['NO'] });
  const account = await testAccount(own.database, someone, { phone: '+4740612345' });
  await setSmsPolicy(own.database, {});
  const before = await textsOf(own.database);
  expect(await save(account, { email: 'new@example.com' })).toMatchObject({
    ok: true,
    revealRestarted: true,
    account: { deliveryFailures: [], textRefused: 'Texts to Norway are not switched on.' },
  });
  expect(await textsOf(own.database)).toEqual({ ...before, refused: before.refused + 1 });
});

it('that no metadata knows any more keeps nobody from unticking the account either', async () => {
  const account = await testAccount(own.database, someone);
  await own.pool.query("update api_accounts set phone = '+449098790000' where id = $1", [account.id]);
  expect(await save(account, { active: false, phone: '+449098790000' })).toMatchObject({ ok: true });
});
