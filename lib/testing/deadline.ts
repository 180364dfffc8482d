import { vi } from 'vitest';

/**
 * Replaces `AbortSignal.timeout` until the end of the test, so that the test decides when a deadline passes, and not
 * a slow machine.
 * @returns `expire` lets every deadline pass; `durations` returns the requested milliseconds
 */
export function controlDeadlines(): { expire(): void; durations(): number[] } {
  const controller = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(controller.signal);
  return {
    expire: () => controller.abort(new DOMException('The deadline passed.', 'TimeoutError')),
    durations: () => timeout.mock.calls.map(([milliseconds]) => milliseconds),
  };
}
