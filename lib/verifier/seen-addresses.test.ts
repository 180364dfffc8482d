import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeenAddresses } from './seen-addresses.ts';

const MINUTE = 60_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

describe('SeenAddresses', () => {
  it('returns each address once in 10 minutes, for each account and outcome', () => {
    const addresses = new SeenAddresses();
    const add = () => {
      for (const accountId of ['a', 'b'])
        for (const isAllowed of [true, false]) addresses.add(accountId, isAllowed, '192.0.2.1');
      const { length } = addresses.unwritten;
      addresses.confirm(length);
      return length;
    };
    expect([add(), add()]).toEqual([4, 0]);
    vi.advanceTimersByTime(9 * MINUTE);
    expect(add()).toBe(0);
    vi.advanceTimersByTime(2 * MINUTE);
    expect(add()).toBe(4);
  });

  it('keeps addresses until they are written, and those that came in between', () => {
    const addresses = new SeenAddresses();
    addresses.add('a', true, '192.0.2.1');
    const writing = [...addresses.unwritten];
    addresses.add('a', true, '192.0.2.2');
    addresses.confirm(writing.length);
    expect(addresses.unwritten.map(({ ipAddress }) => ipAddress)).toEqual(['192.0.2.2']);
  });

  it('leaves out addresses while 500 wait, and accepts them later', () => {
    const addresses = new SeenAddresses();
    for (let n = 0; n < 600; n += 1) addresses.add(`account ${n}`, true, '192.0.2.1');
    expect(addresses.unwritten).toHaveLength(500);
    addresses.confirm(500);
    for (let n = 0; n < 600; n += 1) addresses.add(`account ${n}`, true, '192.0.2.1');
    expect(addresses.unwritten).toHaveLength(100);
  });
});
