import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { settings } from '#lib/platform/config/settings.ts';
import { WORKER_TIMING, type WorkerTiming } from '#lib/worker/timing.ts';
import { atScale } from './scale.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The worker with the timing of a test; `scripts/test-programs.ts` builds it. */
const PROGRAM = path.join(ROOT, '.stagedoor/programs/test-worker.mjs');

/** The timing of workers under test: short at normal size, production's at soak size. */
export const TEST_TIMING: WorkerTiming = atScale({
  normal: {
    answerWithinMs: 2_000,
    readyWithinMs: 2_000,
    leaseSeconds: 5,
    superviseSeconds: 1,
    pollSeconds: 0.5,
  },
  soak: WORKER_TIMING,
});

/** After how many seconds without a heartbeat the queue retries a job; pg-boss itself accepts no less than 10. */
const HEARTBEAT_SECONDS = atScale({ normal: 3, soak: 10 });

/** Makes the queues of a test's own database notice a killed worker within `HEARTBEAT_SECONDS`. */
export async function shortenHeartbeats(pool: pg.Pool): Promise<void> {
  await pool.query('update pgboss.queue set heartbeat_seconds = $1 where heartbeat_seconds is not null', [
    HEARTBEAT_SECONDS,
  ]);
}

export type TestWorkerOptions = {
  /** Letters and digits: the providers know the worker by its credentials. */
  name: string;
  databaseUrl: string;
  /** The address of Resend and SNS. */
  providerUrl: string;
  timing?: WorkerTiming | undefined;
};

export type TestWorker = {
  name: string;
  process: ChildProcess;
  /** All that it has said so far. */
  said(): string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
};

/** Starts a worker as a process of its own, and waits until it works. */
export async function startTestWorker(options: TestWorkerOptions): Promise<TestWorker> {
  const { name, databaseUrl, providerUrl, timing = TEST_TIMING } = options;
  const child = fork(PROGRAM, [], {
    execArgv: ['--import', path.join(ROOT, 'lib/testing/moving-date.ts')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      AUTH_SECRET: settings().authSecret,
      STAGEDOOR_PART: 'worker',
      STAGEDOOR_EMBEDDED: '',
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/node'),
      TEST_WORKER_TIMING: JSON.stringify(timing),
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
