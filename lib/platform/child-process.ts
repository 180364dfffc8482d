import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const MAX_HEALTH_FAILURES = 3;

/** Waits for a child to end. Returns the signal or exit code, for messages. */
export function waitForExit(child: ChildProcess): Promise<string> {
  const describeExit = () => child.signalCode ?? `exit code ${child.exitCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(describeExit());
  return new Promise((resolve) => child.once('exit', () => resolve(describeExit())));
}

/** Stops a child with SIGTERM, or SIGKILL if it takes too long. */
export async function stopChild(child: ChildProcess, stopTimeoutMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  child.kill('SIGTERM');
  await waitForExit(child);
  clearTimeout(timer);
}

/**
 * Waits until a child has sent `{ ready: true }` by IPC, as `runService` does.
 * @returns the reason if it fails to start, otherwise undefined
 */
export async function waitForReady(child: ChildProcess, startTimeoutMs: number): Promise<string | undefined> {
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('message', (message: { ready?: true; failed?: string }) => {
      if (message.ready) resolve(undefined);
      else if (message.failed) resolve(message.failed);
    });
    // Wait for the disconnect, because the last message may still be in the channel.
    void waitForExit(child).then((exit) =>
      child.connected ? child.once('disconnect', () => resolve(exit)) : resolve(exit),
    );
  });
  clearTimeout(timer);
  return failure;
}

/** Asks a child by IPC whether it is healthy, to which `runService` responds. */
export function isHealthyByMessage(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isHealthy: boolean) => {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(isHealthy);
    };
    const onMessage = (message: { healthy?: true }) => message.healthy && finish(true);
    const timer = setTimeout(finish, timeoutMs, false);
    child.on('message', onMessage);
    child.send({ health: true }, (error) => error && finish(false));
  });
}

/**
 * Checks a child's health at an interval.
 * @returns true after three failed checks in a row; false if the signal aborts first
 */
export async function failsHealthChecks(
  check: () => Promise<boolean>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; failures < MAX_HEALTH_FAILURES; ) {
    await delay(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
    failures = (await check()) ? 0 : failures + 1;
  }
  return !signal.aborted;
}
