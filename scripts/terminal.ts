import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A problem that the user of the terminal can solve: only its message is printed, without a stack trace. */
export class CliError extends Error {}

/** Runs one step of the startup, and prints its title and duration. Steps may run concurrently. */
export async function runStep<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  console.log(`▸ ${title} …`);
  const result = await work();
  console.log(`✓ ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return result;
}

const PARENT_CHECK_MS = 250;

/**
 * Creates a signal that aborts when this process should stop: on SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal was
 * closed), or when the npm that runs it ends. A second request has no effect.
 */
export function createStopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  // npm forwards signals, but cannot if it is killed; this process then gets another parent.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || stop(), PARENT_CHECK_MS).unref();
  }
  return controller.signal;
}

/**
 * Runs a program without showing its output.
 * @throws an Error with the output if the program fails
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
