import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { computeKeySpans, readFirstUses } from './first-use.ts';

const at = (time: string) => new Date(`2026-11-24T${time}Z`);
const createShownReveal = (id: string, createdAt: string, endedAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: at(endedAt), endReason: 'shown' }) as const;
const createReplacedReveal = (id: string, createdAt: string, endedAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: at(endedAt), endReason: 'replaced' }) as const;
const createOpenReveal = (id: string, createdAt: string) =>
  ({ id, createdAt: at(createdAt), endedAt: null, endReason: null }) as const;

describe('computeKeySpans', () => {
  it('returns a span from the minute in which the key was shown to the end of the minute in which the next key delivery started', () => {
    expect(
      computeKeySpans(
        [createShownReveal('a', '10:00:10', '10:05:30'), createOpenReveal('b', '11:00:20')],
        'minute',
      ),
    ).toEqual([{ id: 'a', from: at('10:05:00'), to: at('11:01:00') }]);
    expect(computeKeySpans([createShownReveal('a', '10:00:10', '10:05:30')], 'minute')).toEqual([
      { id: 'a', from: at('10:05:00'), to: null },
    ]);
  });

  it('excludes a minute in which two keys were valid from both spans', () => {
    const reveals = [
      createShownReveal('a', '09:00:00', '09:01:00'),
      createShownReveal('b', '10:00:10', '10:00:50'),
    ];
    expect(computeKeySpans(reveals, 'minute')).toEqual([
      { id: 'a', from: at('09:01:00'), to: at('10:00:00') },
      { id: 'b', from: at('10:01:00'), to: null },
    ]);
  });

  it('excludes the shared minute even if a key delivery in between showed no key', () => {
    const reveals = [
      createShownReveal('a', '09:00:00', '09:01:00'),
      createReplacedReveal('x', '10:00:05', '10:00:10'),
      createShownReveal('b', '10:00:10', '10:00:50'),
    ];
    expect(computeKeySpans(reveals, 'minute')).toEqual([
      { id: 'a', from: at('09:01:00'), to: at('10:00:00') },
      { id: 'b', from: at('10:01:00'), to: null },
    ]);
  });

  it('keeps the first minute if the previous key was revoked earlier', () => {
    const reveals = [
      createShownReveal('a', '09:00:00', '09:01:00'),
      createReplacedReveal('x', '09:59:59', '10:00:10'),
      createShownReveal('b', '10:00:10', '10:00:50'),
    ];
    expect(computeKeySpans(reveals, 'minute').at(-1)).toMatchObject({ from: at('10:00:00') });
  });
});

describe('readFirstUses', () => {
  let db: TestDatabase;
  let accountId: string;
  let revealId: string;

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  beforeEach(() => {
    [accountId, revealId] = [uuidv7(), uuidv7()];
  });
  afterAll(() => db.drop());

  const insertMinute = (time: string, allowed: number, inactive = 0) =>
    db.pool.query('insert into api_account_minutes values ($1, $2, $3, $4, 0)', [
      accountId,
      at(time),
      allowed,
      inactive,
    ]);
  const insertDay = (date: string, allowed: number) =>
    db.pool.query('insert into api_account_days values ($1, $2, $3, 0, 0)', [accountId, date, allowed]);
  const readFirstUse = async (reveals = [createShownReveal(revealId, '10:00:10', '10:05:30')]) =>
    (await readFirstUses(db.database, accountId, reveals)).get(revealId);

  it('returns the first minute with an accepted request', async () => {
    await insertMinute('10:04:00', 9);
    await insertMinute('10:07:00', 0, 5);
    expect(await readFirstUse()).toBeUndefined();
    await insertMinute('10:09:00', 2);
    await insertMinute('10:08:00', 1);
    expect(await readFirstUse()).toEqual({ at: at('10:08:00'), unit: 'minute' });
    await insertMinute('10:05:00', 1);
    expect(await readFirstUse()).toEqual({ at: at('10:05:00'), unit: 'minute' });
  });

  it('returns a day once the minutes are rolled up, in any session time zone', async () => {
    await insertDay('2026-11-23', 1);
    await insertMinute('12:00:00', 1);
    expect(await readFirstUse()).toMatchObject({ unit: 'minute' });
    await insertDay('2026-11-24', 4);
    expect(await readFirstUse()).toEqual({ at: at('00:00:00'), unit: 'day' });
    await db.database.transaction(async (transaction) => {
      await transaction.execute(sql`set local timezone = 'Pacific/Kiritimati'`);
      const uses = await readFirstUses(transaction, accountId, [
        createShownReveal(revealId, '10:00:10', '10:05:30'),
      ]);
      expect(uses.get(revealId)).toEqual({ at: at('00:00:00'), unit: 'day' });
    });
  });
});
