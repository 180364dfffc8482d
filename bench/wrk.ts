import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Asked, Load, Measured } from './load.ts';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));
/** One is enough for several times what Node's HTTP server can answer, and leaves the other core to the server. */
const THREADS = 1;
/** How long an answer may take before it counts as broken. */
const TIMEOUT = '10s';

/** Reads what wrk.lua prints when it is done: the last line, times in microseconds. */
export function readWrk(said: string): Measured {
  const { duration, p50, p99, ...counts } = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  return { ...counts, perSecond: counts.requests / (duration / 1e6), p50: p50 / 1e3, p99: p99 / 1e3 };
}

/** Returns such as 4.1.0; undefined if there is no wrk. */
async function findVersion(): Promise<string | undefined> {
  // It prints its version and ends with 1, since it was given no address.
  const { stdout = '' } = await execa('wrk', ['-v'], { reject: false });
  return /^wrk\D*(\S+?)[-\s]/.exec(stdout)?.[1];
}

/**
 * Starts load by wrk (https://github.com/wg/wrk), which costs the server's machine least.
 * @returns undefined if wrk is not on this machine
 */
export async function startWrk(): Promise<Load | undefined> {
  const version = await findVersion();
  if (version === undefined) return undefined;
  const controller = new AbortController();
  const ask = async ({ port, connections, seconds, keysFile, counting }: Asked) => {
    const numbers = [`-t${THREADS}`, `-c${connections}`, `-d${seconds}s`, '--timeout', TIMEOUT];
    const address = `http://127.0.0.1:${port}/verify`;
    const args = [...numbers, '-s', SCRIPT, address, '--', keysFile, ...(counting ? ['check'] : [])];
    const { stdout } = await execa('wrk', args, {
      stdin: 'ignore',
      stderr: 'inherit',
      cancelSignal: controller.signal,
    });
    return readWrk(stdout);
  };
  return { name: `wrk ${version}`, ask, stop: async () => controller.abort() };
}
