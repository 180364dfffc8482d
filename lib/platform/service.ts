import { type Settings, settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

/** After this, a stopping process exits anyway. Shorter than the timeout after which the supervisor kills it. */
const STOP_TIMEOUT_MS = 14_000;

/** Sends a message to the supervisor. Returns false if there is no supervisor, or the message could not be sent. */
function reportToSupervisor(
  message: { ready: true } | { failed: string } | { healthy: true },
): Promise<boolean> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, (error: Error | null) => resolve(!error));
    else resolve(false);
  });
}

async function stopAndExit(starting: Promise<() => Promise<void>> | undefined): Promise<never> {
  const stopService = await starting;
  await stopService?.();
  process.exit(0);
}

/**
 * Runs one of Stagedoor's services in this process, and reports to the supervisor that it is ready or why it failed.
 * On SIGTERM, SIGINT, SIGHUP or the loss of the supervisor, completes the work in progress and exits.
 * @param start starts the service, and returns a function that stops it
 */
export async function runService(start: (settings: Settings) => Promise<() => Promise<void>>): Promise<void> {
  let starting: Promise<() => Promise<void>> | undefined;
  let isStopping = false;
  const stop = () => {
    // Ignore a second Ctrl-C.
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    stopAndExit(starting).catch((error: unknown) => {
      log.error('service.stop_failed', error);
      process.exit(1);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  // The supervisor restarts a service that does not answer its health checks.
  process.on(
    'message',
    (message: { health?: true }) => message.health && void reportToSupervisor({ healthy: true }),
  );
  // The process that reads the log may have exited. That must not interrupt work in progress.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    starting = (async () => start(settings()))();
    await starting;
    await reportToSupervisor({ ready: true });
  } catch (error) {
    const isReported = await reportToSupervisor({
      failed: error instanceof Error ? error.message : 'unknown',
    });
    if (!isReported) log.error('service.start_failed', error);
    process.exit(1);
  }
}
