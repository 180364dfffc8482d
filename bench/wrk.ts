import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Asked, Load, Measured } from './load.ts';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));
/** One is enough for several times what Node's HTTP server can answer, and leaves the other core to it. */
const THREADS = 1;
/** How long an answer may take before it counts as broken. */
const TIMEOUT = '10s';

/** Reads what wrk.lua prints when it is done: the last line, times in microseconds. */
export function readWrk(said: string): Measured {
  const { duration, p50, p99, ...counts } = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  return { ...counts, perSecond: counts.requests / (duration / 1e6), p50: p50 / 1e3, p99: p99 / 1e3 };
}

/** @returns such as 4.1.0; undefined where there is no wrk */
async function findVersion(): Promise<string | undefined> {
  // It says its version and ends with 1, since it was given no address.
  const said = await new Promise<string>((resolve) => execFile('wrk', ['-v'], (_, out) => resolve(out)));
  return /^wrk\D*(\S+?)[-\s]/.exec(said)?.[1];
}

/**
 * Load by wrk (https://github.com/wg/wrk), which costs the server's machine least.
 * @returns undefined if it is not on this machine
 */
export async function startWrk(): Promise<Load | undefined> {
  const version = await findVersion();
  if (version === undefined) return undefined;
  let running: ChildProcess | undefined;
  const kill = () => running?.kill();
  process.once('exit', kill);
  const ask = async ({ port, connections, seconds, keysFile, counting }: Asked) => {
    const numbers = [`-t${THREADS}`, `-c${connections}`, `-d${seconds}s`, '--timeout', TIMEOUT];
    const address = `http://127.0.0.1:${port}/verify`;
    const args = [...numbers, '-s', SCRIPT, address, '--', keysFile, ...(counting ? ['check'] : [])];
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    running = child;
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    if (code !== 0) throw new Error(`wrk ended with ${code}: ${said}`);
    return readWrk(said);
  };
  const stop = async () => {
    kill();
    process.off('exit', kill);
  };
  return { name: `wrk ${version}`, ask, stop };
}
