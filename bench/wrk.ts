import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { LoadGenerator, LoadOptions, LoadResult } from './load-generator.ts';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));
/** One thread can load Node.js's HTTP server several times over, and leaves the other core to the server. */
const THREADS = 1;
/** How long a response may take before it counts as a failure. */
const TIMEOUT = '10s';

/** Parses the last line of wrk's output, which wrk.lua prints with times in microseconds. */
export function parseWrkOutput(output: string): LoadResult {
  const { duration, p50, p99, ...counts } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  return { ...counts, perSecond: counts.requests / (duration / 1e6), p50: p50 / 1e3, p99: p99 / 1e3 };
}

/** Returns wrk's version, such as 4.1.0; undefined if wrk is not installed. */
async function findVersion(): Promise<string | undefined> {
  // wrk prints its version and exits with 1, because it has no URL.
  const { stdout = '' } = await execa('wrk', ['-v'], { reject: false });
  return /^wrk\D*(\S+?)[-\s]/.exec(stdout)?.[1];
}

/**
 * Creates a load generator that runs wrk (https://github.com/wg/wrk), which needs the least CPU time.
 * @returns undefined if wrk is not installed
 */
export async function createWrkLoad(): Promise<LoadGenerator | undefined> {
  const version = await findVersion();
  if (version === undefined) return undefined;
  const controller = new AbortController();
  const run = async ({ port, connections, seconds, keysFile, pauseMs, countStatuses }: LoadOptions) => {
    const options = [`-t${THREADS}`, `-c${connections}`, `-d${seconds}s`, '--timeout', TIMEOUT];
    const url = `http://127.0.0.1:${port}/verify`;
    const scriptOptions = [
      keysFile,
      ...(countStatuses ? ['count-statuses'] : []),
      ...(pauseMs === undefined ? [] : [`pause=${pauseMs}`]),
    ];
    const { stdout } = await execa('wrk', [...options, '-s', SCRIPT, url, '--', ...scriptOptions], {
      stdin: 'ignore',
      stderr: 'inherit',
      cancelSignal: controller.signal,
    });
    return parseWrkOutput(stdout);
  };
  return { name: `wrk ${version}`, run, stop: async () => controller.abort() };
}
