import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { settings } from '#lib/settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The worker in one file: it starts in a fifth of the time, which counts where it is killed a hundred times. */
export type WorkerProgram = { file: string; remove(): Promise<void> };

/** Resend can render React by itself, which we do not use; in one file, its `import()` would undo our own one. */
const leaveOutResendsRenderer: Plugin = {
  name: 'leave out the renderer of resend',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@react-email\/render$/ }, ({ path: name, kind }) =>
      kind === 'dynamic-import' ? { path: name, external: true } : null,
    );
  },
};

export async function bundleWorker(): Promise<WorkerProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-worker-'));
  const file = path.join(folder, 'worker.mjs');
  await build({
    entryPoints: [path.join(ROOT, 'scripts/worker.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    plugins: [leaveOutResendsRenderer],
    logLevel: 'error',
    // What was CommonJS asks for Node.js's own modules by `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
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
      NODE_COMPILE_CACHE: path.dirname(program.file),
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
