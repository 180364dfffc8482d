import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { findFreePort } from '#db/processes.ts';
import { programsFolder } from '../../scripts/checkout.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** A service that runs in a separate process. `stop` resolves with its output. */
export type ServiceProcess = { pid: number; stop(): Promise<string> };

/**
 * Starts a service in a separate process, as in production, and waits until it is ready.
 * @param environment added to the test's own environment
 * @throws with the message that the service reported if it does not start
 */
export async function startService(
  service: 'web' | 'worker' | 'verifier',
  environment: Record<string, string>,
): Promise<ServiceProcess> {
  const child: ChildProcess = fork(path.join(programsFolder(ROOT), `${service}.mjs`), [], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, STAGEDOOR_SERVICE: service, NODE_ENV: 'production', ...environment },
  });
  const exited = once(child, 'exit');
  const output = Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]);
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ ready?: true }];
  if (!message?.ready) throw new Error(`the ${service} did not start: ${JSON.stringify(message)}`);
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return (await output).join('\n');
    },
  };
}

export type VerifierProcess = ServiceProcess & { port: number };

/**
 * Starts a verifier in a separate process, on a free port.
 * @param databases `lookup`: the database for key lookups, if it is not the main one
 * @param workers how many processes verify keys
 */
export async function startVerifierProcess(
  databases: { main: string; lookup?: string },
  workers = 1,
): Promise<VerifierProcess> {
  const port = await findFreePort();
  const service = await startService('verifier', {
    VERIFIER_PORT: String(port),
    VERIFIER_WORKERS: String(workers),
    DATABASE_URL: databases.main,
    VERIFIER_DATABASE_URL: databases.lookup ?? '',
    // A revoked key counts as unknown, and all requests come from one IP address. The limit must not refuse them.
    UNKNOWN_KEYS_PER_MINUTE: '1000000',
  });
  return { port, ...service };
}
