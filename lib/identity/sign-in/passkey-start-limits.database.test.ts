import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { consumePasskeyStart } from './rate-limits.ts';

const RATE_LIMITED = { ok: false, reason: 'rate_limited', retryAfterSeconds: expect.closeTo(600, -1) };
let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

type Requester = Parameters<typeof consumePasskeyStart>[1];
const consume = (requester: Requester) => consumePasskeyStart(db.pool, requester);
const countAllowed = async (requester: Requester, times: number) =>
  (await Promise.all(Array.from({ length: times }, () => consume(requester)))).filter(({ ok }) => ok).length;

test('limits challenges for a sign-in with a passkey alone per IP address, for IPv6 per /64', async () => {
  expect(await countAllowed({ ipAddress: '2001:db8::1' }, 110)).toBe(100);
  expect(await consume({ ipAddress: '2001:db8::2' })).toEqual(RATE_LIMITED);
  expect(await consume({ ipAddress: '2001:db8:0:1::1' })).toEqual({ ok: true });
});

test('limits challenges for second steps per pending sign-in, and for re-authentications per user', async () => {
  const id = uuidv7();
  for (const requester of [{ pendingId: id }, { userId: id }]) {
    expect(await countAllowed(requester, 30)).toBe(20);
    expect(await consume(requester)).toEqual(RATE_LIMITED);
  }
  expect(await consume({ pendingId: uuidv7() })).toEqual({ ok: true });
  expect(await consume({ userId: uuidv7() })).toEqual({ ok: true });
});
