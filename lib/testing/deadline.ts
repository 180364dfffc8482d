import { vi } from 'vitest';

/**
 * Replaces `AbortSignal.timeout` until the end of the test, so that a deadline passes when the test says so and not
 * when a busy machine is slow.
 * @returns `expire` lets every deadline pass; `durations` are the milliseconds that were asked for
 */
export function controlDeadlines(): { expire(): void; durations(): number[] } {
  const controller = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(controller.signal);
  return {
    expire: () => controller.abort(new DOMException('The deadline passed.', 'TimeoutError')),
    durations: () => timeout.mock.calls.map(([milliseconds]) => milliseconds),
  };
}
