import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { consumePasskeyStart } from './passkey-start-rate-limit.ts';

const THROTTLED = { ok: false, reason: 'throttled', retryAfterSeconds: expect.closeTo(600, -1) };
let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

type Asker = Parameters<typeof consumePasskeyStart>[1];
const take = (asker: Asker) => consumePasskeyStart(db.pool, asker);
const granted = async (asker: Asker, times: number) =>
  (await Promise.all(Array.from({ length: times }, () => take(asker)))).filter(({ ok }) => ok).length;

test('counts a passkey alone by the address, of IPv6 by its /64', async () => {
  expect(await granted({ address: '2001:db8::1' }, 110)).toBe(100);
  expect(await take({ address: '2001:db8::2' })).toEqual(THROTTLED);
  expect(await take({ address: '2001:db8:0:1::1' })).toEqual({ ok: true });
});

test('counts one after a password by its sign-in, and a proof by the person', async () => {
  const id = uuidv7();
  for (const asker of [{ pendingId: id }, { userId: id }]) {
    expect(await granted(asker, 30)).toBe(20);
    expect(await take(asker)).toEqual(THROTTLED);
  }
  expect(await take({ pendingId: uuidv7() })).toEqual({ ok: true });
  expect(await take({ userId: uuidv7() })).toEqual({ ok: true });
});
