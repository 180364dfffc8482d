import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A problem that the person at the terminal can solve: they are shown its message alone. */
export class CliError extends Error {}

/** Does one step of the start, and shows its name and how long it took. Several may run at the same time. */
export async function step<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  console.log(`▸ ${title} …`);
  const result = await work();
  console.log(`✓ ${title} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
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

/**
 * Runs a program, and shows its output only if it fails.
 * @throws an Error with the program's output
 */
export async function runQuietly(program: string, args: string[], options: ExecFileOptions): Promise<void> {
  try {
    await promisify(execFile)(program, args, { ...options, maxBuffer: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const output = `${stdout}${stderr}`.trim() || message;
    throw new Error(`${output}\n\n"${[program, ...args].join(' ')}" failed; its output is above.`);
  }
}
