import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
  // A zombie still answers to signals, but it has ended: only its parent has not looked yet.
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/**
 * @param {number} pid
 * @returns {string} its command line; empty where it is gone
 */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
export function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * Waits for a process that is not our child to be gone. (The system has no event for that.)
 * @param {number} pid
 * @param {number} milliseconds
 * @returns {Promise<boolean>} whether it is gone
 */
export async function isGoneWithin(pid, milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end; await delay(20))
    if (!isAlive(pid)) return true;
  return !isAlive(pid);
}

/**
 * Ends a process that is not our child: by each signal in turn, waiting up to 10 seconds after each.
 * @param {number} pid
 * @param {NodeJS.Signals[]} signals
 */
export async function endProcess(pid, signals) {
  for (const signal of signals) {
    signalTo(pid, signal);
    if (await isGoneWithin(pid, 10_000)) return;
  }
  throw new Error(`The process ${pid} of an earlier Stagedoor does not end: end it, and start again.`);
}
