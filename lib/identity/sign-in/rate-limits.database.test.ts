import { setImmediate as nextTurn } from 'node:timers/promises';
import { hash } from '@node-rs/argon2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { verifyPassword } from '#lib/identity/passwords/hash.ts';
import { createUser } from '#lib/identity/users/create.ts';
import { isKnownIpAddress } from './rate-limits.ts';
import { signIn } from './sign-in.ts';

vi.mock('@node-rs/argon2', () => import('#lib/testing/cheap-argon2.ts'));

const email = 'ada@example.com';
let db: TestDatabase;

beforeEach(async () => {
  db = await createTestDatabase();
  await createUser(db.database, { email, name: 'Ada', password: 'swordfish', role: null });
});
afterEach(() => db.drop());

const attempt = (fields: Partial<Parameters<typeof signIn>[1]> = {}) =>
  signIn(db.database, { email, password: 'wrong', ipAddress: '192.0.2.1', ...fields });
const attemptOutcome = async (fields: Parameters<typeof attempt>[0]) => {
  const result = await attempt(fields);
  return result.ok ? 'signed_in' : result.reason;
};
const correct = { password: 'swordfish' };
const countComparisons = async () =>
  (await db.pool.query("select 1 from audit_events where action = 'sign_in.failed'")).rowCount;

test('compares ten of fifty concurrent wrong passwords, then rejects even the correct one', async () => {
  const results = await Promise.all(Array.from({ length: 50 }, () => attempt()));
  expect(results.filter((result) => !result.ok && result.reason === 'wrong_credentials')).toHaveLength(10);
  expect(results.filter((result) => !result.ok && result.reason === 'rate_limited')).toHaveLength(40);
  expect(await countComparisons()).toBe(10);
  expect(await attempt(correct)).toEqual({
    ok: false,
    reason: 'rate_limited',
    retryAfterSeconds: expect.closeTo(900, -2),
  });
});

test('limits an unknown email address in the same way', async () => {
  const unknown = { email: 'nobody@example.com' };
  const outcomes = [];
  for (let run = 0; run < 11; run += 1) outcomes.push(await attemptOutcome(unknown));
  expect(outcomes).toEqual([...Array(10).fill('wrong_credentials'), 'rate_limited']);
});

test('allows another IP address immediately, and the limited one after fifteen minutes', async () => {
  await Promise.all(Array.from({ length: 10 }, () => attempt()));
  expect(await attemptOutcome(correct)).toBe('rate_limited');
  expect(await attemptOutcome({ ...correct, ipAddress: '192.0.2.2' })).toBe('signed_in');
  await db.pool.query('update rate_limits set expire = expire - 900000');
  // This process remembers a refusal, too.
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 900_000);
  expect(await attemptOutcome(correct)).toBe('signed_in');
});

test('refunds the attempt for the correct password', async () => {
  for (let run = 0; run < 12; run += 1) expect(await attemptOutcome(correct)).toBe('signed_in');
});

test('does not refund failed attempts after a success', async () => {
  await Promise.all(Array.from({ length: 9 }, () => attempt()));
  expect(await attemptOutcome(correct)).toBe('signed_in');
  expect(await attemptOutcome({})).toBe('wrong_credentials');
  expect(await attemptOutcome({})).toBe('rate_limited');
});

test('limits the attempts of a whole IPv6 network on many email addresses', async () => {
  const tryUser = (index: number) =>
    attemptOutcome({ email: `person${index}@example.com`, ipAddress: `2001:db8:1:2::${index.toString(16)}` });
  const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => tryUser(index)));
  expect(outcomes.filter((each) => each === 'wrong_credentials')).toHaveLength(50);
  expect(await attemptOutcome({ ...correct, ipAddress: '2001:db8:1:2:ffff::' })).toBe('rate_limited');
  expect(await attemptOutcome({ ...correct, ipAddress: '2001:db8:1:3::1' })).toBe('signed_in');
});

test('limits many IP addresses that try one email address, but not a known IP address', async () => {
  expect(await attemptOutcome({ ...correct, ipAddress: '203.0.113.1' })).toBe('signed_in');
  for (let index = 0; index < 50; index += 1) await attempt({ ipAddress: `10.1.0.${index}` });
  expect(await countComparisons()).toBe(50);
  expect(await attemptOutcome({ ...correct, ipAddress: '10.1.1.1' })).toBe('rate_limited');
  expect(await attemptOutcome({ ...correct, ipAddress: '203.0.113.1' })).toBe('signed_in');
  // An IP address is known for 30 days.
  await db.pool.query(
    "update rate_limits set expire = expire - 30 * 86400000::bigint where key like 'sign-in-known:%'",
  );
  expect(await attemptOutcome({ ...correct, ipAddress: '203.0.113.1' })).toBe('rate_limited');
});

test('knows an IP address for 30 days after the latest sign-in, not the first one', async () => {
  const source = { email, ipAddress: '203.0.113.1' };
  const letDaysPass = (days: number) =>
    db.pool.query('update rate_limits set expire = expire - $1 * 86400000::bigint', [days]);
  expect(await attemptOutcome({ ...correct, ...source })).toBe('signed_in');
  await letDaysPass(29);
  expect(await attemptOutcome({ ...correct, ...source })).toBe('signed_in');
  await letDaysPass(29);
  expect(await isKnownIpAddress(db.pool, source)).toBe(true);
  expect(await attemptOutcome(source)).toBe('wrong_credentials');
  await letDaysPass(2);
  expect(await isKnownIpAddress(db.pool, source)).toBe(false);
});

test('counts every form of an IP address together', async () => {
  const forms = [
    '198.51.100.7',
    '198.51.100.7:4711',
    '::ffff:c633:6407',
    '64:ff9b::c633:6407',
    '2002:c633:6407:1::1',
  ];
  for (const ipAddress of [...forms, ...forms])
    expect(await attemptOutcome({ ipAddress })).toBe('wrong_credentials');
  for (const ipAddress of forms) expect(await attemptOutcome({ ipAddress })).toBe('rate_limited');
  expect(await attemptOutcome({ ...correct, ipAddress: '64:ff9b::192.0.2.200' })).toBe('signed_in');
});

test('compares passwords from known IP addresses, even if strangers keep the queue full', async () => {
  const known = { ...correct, ipAddress: '203.0.113.1' };
  expect(await attemptOutcome(known)).toBe('signed_in');
  // Weak parameters, so that the test is fast.
  const stored = await hash('swordfish', { memoryCost: 64, timeCost: 1, parallelism: 1 });
  let isDone = false;
  const strangers = Array.from({ length: 100 }, async () => {
    while (!isDone) await verifyPassword(stored, 'wrong', 'untrusted').catch(() => nextTurn());
  });
  const outcomes = [];
  for (let run = 0; run < 5; run += 1) outcomes.push(await attemptOutcome(known));
  isDone = true;
  await Promise.all(strangers);
  expect(outcomes).toEqual(Array(5).fill('signed_in'));
});

test('rejects if the database cannot be queried', async () => {
  const droppedDatabase = await createTestDatabase();
  await droppedDatabase.drop();
  const input = { email, password: 'swordfish', ipAddress: '192.0.2.1' };
  await expect(signIn(droppedDatabase.database, input)).rejects.toThrow();
});
