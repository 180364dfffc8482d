import { vi } from 'vitest';

/**
 * Replaces `AbortSignal.timeout` until the end of the test. The test then decides when a deadline passes, so a slow
 * machine does not affect it.
 * @returns `expire` makes every deadline pass; `getDurations` returns the milliseconds of the requested deadlines
 */
export function controlDeadlines(): { expire(): void; getDurations(): number[] } {
  const controller = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(controller.signal);
  return {
    expire: () => controller.abort(new DOMException('The deadline passed.', 'TimeoutError')),
    getDurations: () => timeout.mock.calls.map(([milliseconds]) => milliseconds),
  };
}
