import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineLimiter } from './line-limiter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createRecorder() {
  const lines: [kind: string, count: number][] = [];
  const limit = createLineLimiter();
  return { lines, log: (kind: string) => limit(kind, (count) => lines.push([kind, count])) };
}

describe('createLineLimiter', () => {
  it('logs the first event of each kind, and the others of the minute as one line with their number', () => {
    const { lines, log } = createRecorder();
    for (let event = 0; event < 1_500; event += 1) log('a');
    log('b');
    expect(lines).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    vi.advanceTimersByTime(60_000);
    expect(lines.slice(2)).toEqual([['a', 1_499]]);
  });

  it('logs no second line within a minute of the line with the number', () => {
    const { lines, log } = createRecorder();
    for (let event = 0; event < 2; event += 1) log('a');
    vi.advanceTimersByTime(60_000);
    log('a');
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(3);
    vi.advanceTimersByTime(60_000);
    log('a');
    expect(lines.map(([, count]) => count)).toEqual([1, 1, 1, 1]);
  });

  it('logs at most 61 lines per minute, however many kinds there are, and attributes none to another kind', () => {
    const { lines, log } = createRecorder();
    const countOmitted = () =>
      vi
        .mocked(process.stderr.write)
        .mock.calls.map(([line]) => JSON.parse(String(line)))
        .map(({ event, count }) => [event, count]);
    for (let kind = 0; kind < 1_000; kind += 1) log(String(kind));
    expect(lines).toEqual(Array.from({ length: 60 }, (_, kind) => [String(kind), 1]));
    expect(countOmitted()).toEqual([['log.events_omitted', 1]]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(60);
    expect(countOmitted()).toEqual([
      ['log.events_omitted', 1],
      ['log.events_omitted', 939],
    ]);
  });
});
