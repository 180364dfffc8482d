import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { signIn } from './sign-in.ts';

const email = 'ada@example.com';
let db: TestDatabase;

beforeEach(async () => {
  db = await createTestDatabase();
  await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
});
afterEach(() => db.drop());

const attempt = (fields: Partial<Parameters<typeof signIn>[1]> = {}) =>
  signIn(db.database, { email, password: 'wrong', address: '192.0.2.1', ...fields });
const outcome = async (fields: Parameters<typeof attempt>[0]) => {
  const result = await attempt(fields);
  return result.ok ? 'in' : result.reason;
};
const right = { password: 'swordfish' };
const countComparisons = async () =>
  (await db.pool.query("select 1 from audit_events where action = 'sign_in.failed'")).rowCount;

test('compares ten of fifty concurrent wrong passwords, then rejects even the right one', async () => {
  const results = await Promise.all(Array.from({ length: 50 }, () => attempt()));
  expect(results.filter((result) => !result.ok && result.reason === 'wrong')).toHaveLength(10);
  expect(results.filter((result) => !result.ok && result.reason === 'throttled')).toHaveLength(40);
  expect(await countComparisons()).toBe(10);
  expect(await attempt(right)).toEqual({
    ok: false,
    reason: 'throttled',
    retryAfterSeconds: expect.closeTo(900, -2),
  });
});

test('limits an unknown email address in the same way', async () => {
  const unknown = { email: 'nobody@example.com' };
  const outcomes = [];
  for (let run = 0; run < 11; run += 1) outcomes.push(await outcome(unknown));
  expect(outcomes).toEqual([...Array(10).fill('wrong'), 'throttled']);
});

test('allows the user from another address meanwhile, and from this one after fifteen minutes', async () => {
  await Promise.all(Array.from({ length: 10 }, () => attempt()));
  expect(await outcome(right)).toBe('throttled');
  expect(await outcome({ ...right, address: '192.0.2.2' })).toBe('in');
  await db.pool.query('update rate_limits set expire = expire - 900000');
  expect(await outcome(right)).toBe('in');
});

test('refunds the attempt for the right password', async () => {
  for (let run = 0; run < 12; run += 1) expect(await outcome(right)).toBe('in');
});

test('does not refund failed attempts after a success', async () => {
  await Promise.all(Array.from({ length: 9 }, () => attempt()));
  expect(await outcome(right)).toBe('in');
  expect(await outcome({})).toBe('wrong');
  expect(await outcome({})).toBe('throttled');
});

test('blocks an address that tries many accounts, and its whole IPv6 network', async () => {
  const spray = (index: number) =>
    outcome({ email: `person${index}@example.com`, address: `2001:db8:1:2::${index.toString(16)}` });
  const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => spray(index)));
  expect(outcomes.filter((each) => each === 'wrong')).toHaveLength(50);
  expect(await outcome({ ...right, address: '2001:db8:1:2:ffff::' })).toBe('throttled');
  expect(await outcome({ ...right, address: '2001:db8:1:3::1' })).toBe('in');
});

test('blocks many addresses that try one account, but not a known address', async () => {
  expect(await outcome({ ...right, address: '203.0.113.1' })).toBe('in');
  for (let index = 0; index < 50; index += 1) await attempt({ address: `10.1.0.${index}` });
  expect(await countComparisons()).toBe(50);
  expect(await outcome({ ...right, address: '10.1.1.1' })).toBe('throttled');
  expect(await outcome({ ...right, address: '203.0.113.1' })).toBe('in');
  // An address is known for 30 days.
  await db.pool.query(
    "update rate_limits set expire = expire - 30 * 86400000::bigint where key like 'sign-in-known:%'",
  );
  expect(await outcome({ ...right, address: '203.0.113.1' })).toBe('throttled');
});

test('rejects if the database cannot be queried', async () => {
  const droppedDatabase = await createTestDatabase();
  await droppedDatabase.drop();
  const input = { email, password: 'swordfish', address: '192.0.2.1' };
  await expect(signIn(droppedDatabase.database, input)).rejects.toThrow();
});
