import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { settings } from '#lib/settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The worker's program, built by Vitest's global set-up: it starts in a fifth of the time that its sources take. */
export type WorkerProgram = { file: string; remove(): Promise<void> };

export async function bundleWorker(): Promise<WorkerProgram> {
  return { file: path.join(ROOT, '.stagedoor/programs/worker.mjs'), remove: async () => {} };
}

export type TestWorker = {
  name: string;
  process: ChildProcess;
  /** All that it has said so far. */
  said(): string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
};

/**
 * Starts a worker as a process of its own, and waits until it works.
 * @param options.name letters and digits: the providers know it by its credentials
 * @param options.providerUrl where Resend and SNS are
 */
export async function startTestWorker(
  program: WorkerProgram,
  options: { name: string; databaseUrl: string; providerUrl: string },
): Promise<TestWorker> {
  const { name, databaseUrl, providerUrl } = options;
  const child = fork(program.file, [], {
    execArgv: ['--import', path.join(ROOT, 'scripts/test-moving-date.ts')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      AUTH_SECRET: settings().authSecret,
      STAGEDOOR_PART: 'worker',
      STAGEDOOR_EMBEDDED: '',
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/node'),
      DATABASE_URL: databaseUrl,
      RESEND_API_KEY: `re_${name}`,
      EMAIL_FROM: 'Access <access@example.org>',
      RESEND_BASE_URL: providerUrl,
      SMS_PROVIDER: 'sns',
      AWS_ENDPOINT_URL_SNS: providerUrl,
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: name,
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(String(chunk)));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ ready?: true } | number];
  if (typeof message !== 'object' || !message?.ready) throw new Error(`no worker: ${said.join('')}`);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  return {
    name,
    process: child,
    said: () => said.join(''),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}
