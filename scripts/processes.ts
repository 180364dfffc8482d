import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A zombie still accepts signals, but it has ended: its parent has not read its exit code yet.
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Returns a process's command line, or an empty text if it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** Ends a process that is not our child: with each signal in turn, waiting up to 10 seconds after each. */
export async function endProcess(pid: number, signals: NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    // The system has no event for the end of a process that is not a child.
    for (const end = performance.now() + 10_000; performance.now() < end; await delay(20))
      if (!isAlive(pid)) return;
  }
  throw new Error(`The process ${pid} of an earlier Stagedoor does not end: end it, and start again.`);
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
