import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type LastUse, LastUses } from './last-uses.ts';

const INTERVAL = 60_000;
const LIMIT = 2_000;

let uses: LastUses;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  uses = new LastUses(INTERVAL);
  return () => vi.useRealTimers();
});

const createUse = (use: Partial<LastUse> = {}): LastUse => ({
  accountId: 'a',
  usedAt: performance.now(),
  previousUsedAt: null,
  ipAddress: '192.0.2.1',
  ...use,
});

/** Adds a use, and returns whether it is due. */
function isDue(use: Partial<LastUse> = {}, digest: string | null = '1'): boolean {
  uses.add(createUse(use), digest);
  return uses.takeDue(LIMIT).length === 1;
}

describe('LastUses', () => {
  it('takes the uses of an account once a minute, and the last one after that', () => {
    expect(isDue()).toBe(true);
    vi.advanceTimersByTime(INTERVAL - 1);
    expect(isDue()).toBe(false);
    const last = createUse({ ipAddress: '192.0.2.2' });
    uses.add(last, '1');
    vi.advanceTimersByTime(1);
    expect(uses.takeDue(LIMIT)).toEqual([last]);
    expect(isDue()).toBe(false);
  });

  it('takes the first use of a new key immediately, also after a test of it', () => {
    expect(isDue()).toBe(true);
    expect(isDue({}, null)).toBe(true);
    expect(isDue({}, '2')).toBe(true);
    expect(isDue({}, '2')).toBe(false);
  });

  it('takes each use of the previous key immediately, with the last use of the current one', () => {
    isDue();
    const current = createUse();
    uses.add(current, '1');
    const previousUsedAt = performance.now();
    uses.add(createUse({ usedAt: null, previousUsedAt }), null);
    expect(uses.takeDue(LIMIT)).toEqual([createUse({ usedAt: current.usedAt, previousUsedAt })]);
  });

  it('takes at most the limit, and the rest afterwards', () => {
    for (const accountId of ['a', 'b', 'c']) uses.add(createUse({ accountId }), '1');
    const takeIds = () => uses.takeDue(2).map(({ accountId }) => accountId);
    expect([takeIds(), takeIds(), takeIds()]).toEqual([['a', 'b'], ['c'], []]);
  });

  it('takes what is not due if it has to take all', () => {
    isDue();
    uses.add(createUse(), '1');
    expect(uses.hasUntaken).toBe(true);
    expect(uses.takeAll(LIMIT)).toEqual([createUse()]);
    expect(uses.hasUntaken).toBe(false);
    expect(uses.takeAll(LIMIT)).toEqual([]);
  });

  it('forgets an account that was not used for a minute', () => {
    isDue();
    vi.advanceTimersByTime(INTERVAL);
    expect(uses.takeDue(LIMIT)).toEqual([]);
    expect(isDue()).toBe(true);
  });
});
