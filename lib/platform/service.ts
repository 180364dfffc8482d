import { type Settings, settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

/** Longer than any request or message takes, shorter than the supervisor waits before it kills. */
const LONGEST_STOP_MS = 14_000;

/** Reports to the supervisor; returns false if there is none. */
function report(message: { ready: true } | { failed: string } | { healthy: true }): Promise<boolean> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, (error: Error | null) => resolve(!error));
    else resolve(false);
  });
}

async function finish(serving: Promise<() => Promise<void>> | undefined): Promise<never> {
  const close = await serving;
  await close?.();
  process.exit(0);
}

/**
 * Runs one of Stagedoor's services as this process: reports to the supervisor that it serves, or why it cannot; and
 * on SIGTERM, SIGINT or the loss of the supervisor finishes what is in flight, and exits.
 * @param start begins serving; returns what stops that
 */
export async function runService(start: (settings: Settings) => Promise<() => Promise<void>>): Promise<void> {
  let serving: Promise<() => Promise<void>> | undefined;
  let isStopping = false;
  const stop = () => {
    // A second Ctrl-C changes nothing.
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    finish(serving).catch((error: unknown) => {
      log.error('service.stop_failed', error);
      process.exit(1);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  process.on('message', (message: { health?: true }) => message.health && void report({ healthy: true }));
  // The reader of the log may be gone: that must not end what is in flight.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    serving = (async () => start(settings()))();
    await serving;
    await report({ ready: true });
  } catch (error) {
    const isReported = await report({ failed: error instanceof Error ? error.message : 'unknown' });
    if (!isReported) log.error('service.start_failed', error);
    process.exit(1);
  }
}
