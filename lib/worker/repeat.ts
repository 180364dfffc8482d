import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs a task immediately and then at intervals, one run at a time.
 * @param task must not throw; `stopSignal` is aborted when it should end early
 * @returns `stop`, which aborts the signal and waits until the current run has ended
 */
export function repeat(
  task: (stopSignal: AbortSignal) => Promise<void>,
  intervalMs: number,
): { stop(): Promise<void> } {
  const stopController = new AbortController();
  const { signal } = stopController;
  const runRepeatedly = async () => {
    while (!signal.aborted) {
      await task(signal);
      // `stop` aborts the delay.
      await delay(intervalMs, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  const repetition = runRepeatedly();
  return {
    async stop() {
      stopController.abort();
      await repetition;
    },
  };
}
