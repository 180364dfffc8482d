import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { deleteTexts, textsOf } from '#lib/testing/sms.ts';
import { consumeSmsQuota } from './consume-quota.ts';
import { allowsCountry, readSmsPolicy } from './read-policy.ts';
import { saveSmsPolicy } from './save-policy.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
beforeEach(async () => {
  await deleteTexts(test.database);
  await test.pool.query('truncate audit_events');
});
afterAll(() => test.drop());

const DEFAULTS = { countries: [], perDay: 200, perAccountPerDay: 20 };
const save = (
  version: number,
  fields: Partial<typeof DEFAULTS | { countries: string[] }>,
  by = administrator,
) => saveSmsPolicy(test.database, by, { ...DEFAULTS, version, ...fields });
const acts = () => test.database.select().from(auditEvents).where(eq(auditEvents.act, 'text_rules.changed'));

it("holds by default: the organisation's own country, 200 texts a day, 20 for an account", async () => {
  const rules = await readSmsPolicy(test.database);
  expect(rules).toEqual({ ...DEFAULTS, version: 0 });
  expect(allowsCountry(rules, 'GB')).toBe(true);
  expect(allowsCountry(rules, 'DK')).toBe(false);
});

it('saves, and puts before and after on record', async () => {
  const first = await save(0, { countries: ['NO', 'DK', 'NO'], perDay: 50 });
  expect(first).toEqual({
    ok: true,
    rules: { countries: ['DK', 'NO'], perDay: 50, perAccountPerDay: 20, version: 1 },
  });
  await save(1, { countries: ['DK'], perDay: 50, perAccountPerDay: 3 });
  expect(await readSmsPolicy(test.database)).toEqual({
    ...{ countries: ['DK'], perDay: 50, perAccountPerDay: 3, version: 2 },
  });
  const one = { ...DEFAULTS, countries: ['DK', 'NO'], perDay: 50 };
  const two = { countries: ['DK'], perDay: 50, perAccountPerDay: 3 };
  expect(await acts()).toMatchObject([
    { userId: administrator.userId, accountId: null, details: { before: DEFAULTS, after: one } },
    { userId: administrator.userId, accountId: null, details: { before: one, after: two } },
  ]);
});

it("leaves out the organisation's own country, which is always allowed, and what is no country", async () => {
  const saved = await save(0, { countries: ['GB', 'XX', 'DK'] });
  expect(saved).toMatchObject({ rules: { countries: ['DK'] } });
  expect(allowsCountry(await readSmsPolicy(test.database), 'GB')).toBe(true);
});

it('that changes nothing writes nothing', async () => {
  expect(await save(0, {})).toEqual({ ok: true, rules: { ...DEFAULTS, version: 0 } });
  expect(await acts()).toEqual([]);
});

it('tells the second of two editors what was saved, and by whom', async () => {
  const other = await testAdministrator(test.database, 'Otto Editor');
  await save(0, { countries: ['NO'] }, other);
  expect(await save(0, { countries: ['DK'] })).toEqual({
    ok: false,
    reason: 'changed',
    current: { ...DEFAULTS, countries: ['NO'], version: 1 },
    changedBy: 'Otto Editor',
  });
  expect(await save(1, { countries: ['DK'] })).toMatchObject({ ok: true, rules: { version: 2 } });
});

it.each(['first', 'later'])('lets one of twenty who save at once win: %s', async (when) => {
  const version = when === 'first' ? 0 : 1;
  if (version > 0) await save(0, { perDay: 1_000 });
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => save(version, { perDay: index })),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await readSmsPolicy(test.database)).toMatchObject({ version: version + 1 });
  expect(await acts()).toHaveLength(version + 1);
});

it('waits for the texts that are being queued by the rules before it', async () => {
  await save(0, { perDay: 100 });
  const { id: accountId } = await testAccount(test.database, administrator);
  const { promise: taken, resolve: tellTaken } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
  const order: string[] = [];
  const act = withTransaction(test.database, async (transaction) => {
    await consumeSmsQuota(transaction, { accountId, phone: '+447894123456' });
    tellTaken();
    await goOn;
    order.push('the text');
  });
  await taken;
  const saving = save(1, { perDay: 0 }).then(() => order.push('the rules'));
  // The save waits for a lock now; nobody tells when it begins to, so it is asked for.
  const waiting =
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while ((await test.pool.query(waiting)).rowCount === 0);
  letGo();
  await Promise.all([act, saving]);
  expect(order).toEqual(['the text', 'the rules']);
});

it('changes nothing where the audit cannot be written', async () => {
  await test.pool.query('alter table audit_events add constraint full_up check (false) not valid');
  onTestFinished(async () => {
    await test.pool.query('alter table audit_events drop constraint full_up');
  });
  await expect(save(0, { perDay: 5 })).rejects.toThrow();
  expect(await readSmsPolicy(test.database)).toEqual({ ...DEFAULTS, version: 0 });
  expect(await textsOf(test.database)).toEqual({ queued: 0, refused: 0, jobs: 0 });
});
