import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { freePort } from '#db/processes.ts';
import { programsFolder } from '../../scripts/checkout.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** One of our programs as a process of its own. `stop` resolves with all that it said. */
export type RunningPart = { stop(): Promise<string> };

/**
 * Starts a program as production does.
 * @param environment over the test's own
 * @throws with the program's reason where it does not start
 */
export async function startPart(
  part: 'worker' | 'verifier',
  environment: Record<string, string>,
): Promise<RunningPart> {
  const child: ChildProcess = fork(path.join(programsFolder(ROOT), `${part}.mjs`), [], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, STAGEDOOR_PART: part, NODE_ENV: 'production', ...environment },
  });
  const ended = once(child, 'exit');
  const said = Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]);
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ ready?: true }];
  if (!message?.ready) throw new Error(`the ${part} did not start: ${JSON.stringify(message)}`);
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return (await said).join('\n');
    },
  };
}

export type VerifierProcess = RunningPart & { port: number };

/**
 * Starts a verifier as a process of its own, on a free port.
 * @param databases `lookup`: where keys are looked up, if elsewhere
 */
export async function startVerifierProcess(databases: {
  main: string;
  lookup?: string;
}): Promise<VerifierProcess> {
  const port = await freePort();
  const { stop } = await startPart('verifier', {
    VERIFIER_PORT: String(port),
    DATABASE_URL: databases.main,
    VERIFIER_DATABASE_URL: databases.lookup ?? '',
    // Each reset makes another unknown key, and all of them come from one address.
    UNKNOWN_KEYS_PER_MINUTE: '1000000',
  });
  return { port, stop };
}
