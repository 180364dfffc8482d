import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Variables that any program may need. None of them is a setting of Stagedoor or contains a secret, as NODE_AUTH_TOKEN
 * does, which npm's registries use.
 */
const SYSTEM_VARIABLES =
  /^(PATH|PATHEXT|HOME|USER|LOGNAME|USERPROFILE|TMPDIR|TEMP|TMP|TZ|SystemRoot|SystemDrive|windir|ComSpec|LD_LIBRARY_PATH|SSL_CERT_(FILE|DIR)|NODE_(ENV|OPTIONS|EXTRA_CA_CERTS|USE_SYSTEM_CA|COMPILE_CACHE|V8_COVERAGE|NO_WARNINGS))$/i;

/**
 * Returns the environment for a child process that needs no settings, or only those in `variables`. A list of what it
 * gets, because the environment may contain secrets that no list of exceptions knows.
 */
export function buildChildEnvironment(variables: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => SYSTEM_VARIABLES.test(name));
  return { ...Object.fromEntries(inherited), ...variables } as unknown as NodeJS.ProcessEnv;
}

/** Below the ports that systems choose themselves: Linux from 32,768 on, others from 49,152 on (RFC 6335). */
const FIRST_PORT = 10_000;
const END_OF_PORTS = 32_768;

/**
 * Finds a free TCP port on 127.0.0.1, from which its caller then starts a server. The system does not choose the port,
 * because it could give the same one to another program before that server listens.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, END_OF_PORTS);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A zombie accepts signals, although it has exited: its parent has not read its exit code yet.
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Reads a process's command line. Returns an empty string if the process does not exist, and always on Windows. */
export function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/**
 * Ends a process that is not a child of this one. Sends each signal in turn, and waits up to 10 seconds after each.
 * @throws if the process is still running after that
 */
export async function endProcess(pid: number, signals: NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    // Poll, because there is no event for the exit of a process that is not a child.
    for (const end = performance.now() + 10_000; performance.now() < end; await delay(20))
      if (!isAlive(pid)) return;
  }
  throw new Error(`The process ${pid} of an earlier Stagedoor is still running: end it, and start again.`);
}
