import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { keySpans, readFirstUses } from './first-use.ts';

const at = (time: string) => new Date(`2026-11-24T${time}Z`);
const shown = (id: string, createdAt: string, endedAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: at(endedAt), endedBecause: 'shown' }) as const;
const replaced = (id: string, createdAt: string, endedAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: at(endedAt), endedBecause: 'replaced' }) as const;
const underWay = (id: string, createdAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: null, endedBecause: null }) as const;

describe('the time of a key', () => {
  it('runs from the minute in which it was shown to the one in which the next hand-over began', () => {
    expect(keySpans([shown('a', '10:00:10', '10:05:30'), underWay('b', '11:00:20')], 'minute')).toEqual([
      { id: 'a', from: at('10:05:00'), to: at('11:01:00') },
    ]);
    expect(keySpans([shown('a', '10:00:10', '10:05:30')], 'minute')).toEqual([
      { id: 'a', from: at('10:05:00'), to: null },
    ]);
  });

  it('leaves out the minute that two keys share, for both', () => {
    const reveals = [shown('a', '09:00:00', '09:01:00'), shown('b', '10:00:10', '10:00:50')];
    expect(keySpans(reveals, 'minute')).toEqual([
      { id: 'a', from: at('09:01:00'), to: at('10:00:00') },
      { id: 'b', from: at('10:01:00'), to: null },
    ]);
  });

  it('does so too where hand-overs without a key stand between', () => {
    const reveals = [
      shown('a', '09:00:00', '09:01:00'),
      replaced('x', '10:00:05', '10:00:10'),
      shown('b', '10:00:10', '10:00:50'),
    ];
    expect(keySpans(reveals, 'minute')).toEqual([
      { id: 'a', from: at('09:01:00'), to: at('10:00:00') },
      { id: 'b', from: at('10:01:00'), to: null },
    ]);
  });

  it('is nobody else’s where the key before died earlier', () => {
    const reveals = [
      shown('a', '09:00:00', '09:01:00'),
      replaced('x', '09:59:59', '10:00:10'),
      shown('b', '10:00:10', '10:00:50'),
    ];
    expect(keySpans(reveals, 'minute').at(-1)).toMatchObject({ from: at('10:00:00') });
  });
});

describe('the first use', () => {
  let test: TestDatabase;
  let accountId: string;
  let revealId: string;

  beforeAll(async () => {
    test = await createTestDatabase();
  });
  beforeEach(() => {
    [accountId, revealId] = [uuidv7(), uuidv7()];
  });
  afterAll(() => test.drop());

  const minute = (time: string, allowed: number, inactive = 0) =>
    test.pool.query('insert into api_account_minutes values ($1, $2, $3, $4, 0)', [
      accountId,
      at(time),
      allowed,
      inactive,
    ]);
  const day = (date: string, allowed: number) =>
    test.pool.query('insert into api_account_days values ($1, $2, $3, 0, 0)', [accountId, date, allowed]);
  const read = async (reveals = [shown(revealId, '10:00:10', '10:05:30')]) =>
    (await readFirstUses(test.database, accountId, reveals)).get(revealId);

  it('is the first minute in which a request was let through', async () => {
    await minute('10:04:00', 9);
    await minute('10:07:00', 0, 5);
    expect(await read()).toBeUndefined();
    await minute('10:09:00', 2);
    await minute('10:08:00', 1);
    expect(await read()).toEqual({ at: at('10:08:00'), unit: 'minute' });
    await minute('10:05:00', 1);
    expect(await read()).toEqual({ at: at('10:05:00'), unit: 'minute' });
  });

  it('is a day once the minutes are rolled up, in whatever zone the session is', async () => {
    await day('2026-11-23', 1);
    await minute('12:00:00', 1);
    expect(await read()).toMatchObject({ unit: 'minute' });
    await day('2026-11-24', 4);
    expect(await read()).toEqual({ at: at('00:00:00'), unit: 'day' });
    await test.database.transaction(async (transaction) => {
      await transaction.execute(sql`set local timezone = 'Pacific/Kiritimati'`);
      const uses = await readFirstUses(transaction, accountId, [shown(revealId, '10:00:10', '10:05:30')]);
      expect(uses.get(revealId)).toEqual({ at: at('00:00:00'), unit: 'day' });
    });
  });
});
