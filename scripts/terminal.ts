/** A problem that the person at the terminal can solve: they are shown its message alone. */
export class CliError extends Error {}

const secondsSince = (begun: number) => `${((performance.now() - begun) / 1000).toFixed(1)} s`;

/** Does one step of the start, and shows its name and how long it took. Several may run at the same time. */
export async function step<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  console.log(`▸ ${title} …`);
  const result = await work();
  console.log(`✓ ${title} (${secondsSince(begun)})`);
  return result;
}

const PARENT_CHECK_MS = 250;

/**
 * Watches for requests to stop this process: SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal was closed), or the end
 * of the npm that runs it. A second request changes nothing.
 */
export function stopRequest(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  // npm passes signals on, but when it is killed it cannot: then this process has another parent.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || stop(), PARENT_CHECK_MS).unref();
  }
  return controller.signal;
}
