const WATCH_MS = 250;

/**
 * Whatever asks this process to stop: SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal was closed), or the end of
 * the npm that runs it. Asking twice changes nothing.
 * @returns {AbortSignal}
 */
export function stopRequest() {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, stop);
  // npm passes signals on, but when it is killed it cannot: then this process has another parent.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || stop(), WATCH_MS).unref();
  }
  return controller.signal;
}
