import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { postgresEnvironment } from './postgres-cluster.mjs';

/** A standby says "read-only". */
const READY = /database system is ready to accept (read-only )?connections/;

/** @param {import('node:child_process').ChildProcess} child @param {Promise<unknown>} exited */
function stopper(child, exited) {
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  exited.then(() => process.off('exit', onExit));
  return async (/** @type {'fast' | 'immediate'} */ mode = 'fast') => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGQUIT', 'SIGKILL'])) {
      if (mode === 'immediate' && signal === 'SIGINT') continue;
      child.kill(signal);
      const wait = new AbortController();
      const late = delay(10_000, 'late', { signal: wait.signal }).catch(() => 'gone');
      const first = await Promise.race([exited, late]);
      wait.abort();
      if (first !== 'late') return;
    }
    await exited;
  };
}

/**
 * Starts a PostgreSQL server once, and waits until it takes connections or has ended.
 * @param {{ program: string, args: string[], uid?: number, gid?: number }} command
 * @param {string} cwd
 * @param {(line: string) => void} onLog given each line of the server's log
 * @returns {Promise<{
 *   pid: number, ready: boolean, said: string, exited: Promise<void>,
 *   stop(mode?: 'fast' | 'immediate'): Promise<void>,
 * }>} `said`: the last lines of its log so far; `exited` resolves when it is gone, for whatever reason
 */
export async function launchPostgres({ program, args, ...account }, cwd, onLog) {
  // Detached: Ctrl-C in a terminal reaches every process of the group, and the database must be the last to go.
  const child = spawn(program, args, {
    cwd,
    env: postgresEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...account,
  });
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => child.once('close', () => resolve()));
  /** @type {string[]} */
  const last = [];
  /** @type {Promise<boolean>} */
  const ready = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(false));
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLog(line);
      last.push(line);
      if (last.length > 10) last.shift();
      if (READY.test(line)) resolve(true);
    });
  });
  const isReady = await ready;
  return {
    pid: Number(child.pid),
    ready: isReady,
    said: last.join('\n'),
    exited,
    stop: stopper(child, exited),
  };
}
