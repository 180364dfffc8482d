import { log } from '#lib/log.ts';
import { type Settings, settings } from '#lib/settings.ts';

/** Longer than any request or message takes, shorter than the starter waits before it kills. */
const LONGEST_STOP_MS = 14_000;

/** Tells the starter; false where there is none. */
function tell(message: { ready: true } | { failed: string }): Promise<boolean> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve(true));
    else resolve(false);
  });
}

async function finish(serving: Promise<() => Promise<void>> | undefined): Promise<never> {
  const close = await serving;
  await close?.();
  process.exit(0);
}

/**
 * Runs one of Stagedoor's parts as this process: tells the starter that it serves, or why it cannot, and on
 * SIGTERM, SIGINT or the loss of the starter lets it finish what is in flight, and ends.
 * @param start begins serving; what it returns stops that
 */
export async function runPart(start: (settings: Settings) => Promise<() => Promise<void>>): Promise<void> {
  let serving: Promise<() => Promise<void>> | undefined;
  let isStopping = false;
  const stop = () => {
    // A second Ctrl-C changes nothing.
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    finish(serving).catch((error: unknown) => {
      log.error('part.stop_failed', error);
      process.exit(1);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  // Whoever read the log is gone: that must not end what is in flight.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    serving = (async () => start(settings()))();
    await serving;
    await tell({ ready: true });
  } catch (error) {
    const told = await tell({ failed: error instanceof Error ? error.message : 'unknown' });
    if (!told) log.error('part.start_failed', error);
    process.exit(1);
  }
}
