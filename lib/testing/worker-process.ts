import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { settings } from '#lib/platform/config/settings.ts';
import { WORKER_TIMING, type WorkerTiming } from '#lib/worker/timing.ts';
import { atScale } from './scale.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The worker with test timing, built by `scripts/build-test-programs.ts`. */
const WORKER_PROGRAM = path.join(ROOT, '.stagedoor/programs/test-worker.mjs');

/** The timing of workers in tests: short at normal size, that of production at soak size. */
export const TEST_TIMING: WorkerTiming = atScale({
  normal: {
    responseTimeoutMs: 2_000,
    preparationTimeoutMs: 2_000,
    leaseSeconds: 5,
    superviseSeconds: 1,
    pollSeconds: 0.5,
  },
  soak: WORKER_TIMING,
});

/** Seconds without a heartbeat after which the queue retries a job. pg-boss's API accepts at least 10. */
const HEARTBEAT_SECONDS = atScale({ normal: 3, soak: 10 });

/** Makes the queues of a database retry a killed worker's jobs after `HEARTBEAT_SECONDS`. Bypasses pg-boss's API. */
export async function shortenHeartbeats(pool: pg.Pool): Promise<void> {
  await pool.query('update pgboss.queue set heartbeat_seconds = $1 where heartbeat_seconds is not null', [
    HEARTBEAT_SECONDS,
  ]);
}

export type TestWorkerOptions = {
  /** Letters and digits. The fake providers identify the worker by its credentials. */
  name: string;
  databaseUrl: string;
  /** URL of the fake Resend and SNS. */
  providerUrl: string;
  timing?: WorkerTiming | undefined;
};

export type TestWorker = {
  name: string;
  process: ChildProcess;
  kill(): Promise<void>;
  /** Stops the worker; returns its exit code. */
  stop(): Promise<number | null>;
};

/** Starts a worker in its own process, and waits until it is ready. */
export async function startTestWorker(options: TestWorkerOptions): Promise<TestWorker> {
  const { name, databaseUrl, providerUrl, timing = TEST_TIMING } = options;
  const child = fork(WORKER_PROGRAM, [], {
    execArgv: ['--import', path.join(ROOT, 'lib/testing/shift-date.ts')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      AUTH_SECRET: settings().authSecret,
      STAGEDOOR_SERVICE: 'worker',
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
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => output.push(String(chunk)));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ ready?: true } | number];
  if (typeof message !== 'object' || !message?.ready)
    throw new Error(`the worker did not start: ${output.join('')}`);
  const endProcess = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    name,
    process: child,
    kill: async () => void (await endProcess('SIGKILL')),
    stop: () => endProcess('SIGTERM'),
  };
}
