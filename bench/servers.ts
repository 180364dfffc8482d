import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { askProcess } from '#lib/platform/process-questions.ts';
import type { ServerOptions } from './serve.ts';

/** Memory usage in bytes. */
export type Memory = { rss: number; heapUsed: number; external: number };

export type BenchServer = {
  port: number;
  readMemory(): Promise<Memory>;
  /** Returns the CPU time in milliseconds of each process that serves requests. */
  readCpuTimes(): Promise<number[]>;
  stop(): Promise<void>;
};

const ANSWER_TIMEOUT_MS = 10_000;

async function waitForMessage(child: ChildProcess, program: string) {
  const exited = new AbortController();
  const onExit = () => exited.abort(new Error(`${program} ended before it sent a message`));
  child.once('exit', onExit);
  try {
    const [message] = await once(child, 'message', { signal: exited.signal });
    return message;
  } catch (error) {
    throw exited.signal.reason ?? error;
  } finally {
    child.off('exit', onExit);
  }
}

/** Starts a program of this folder as a production process. */
async function startProcess(program: string, options: object): Promise<BenchServer> {
  const child = fork(new URL(program, import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const { port } = await waitForMessage(child, program);
  const ask = async <Result>(question: string) => {
    const answer = await askProcess<Result>(child, question, ANSWER_TIMEOUT_MS);
    if (answer === undefined) throw new Error(`${program} did not answer: ${question}`);
    return answer;
  };
  return {
    port,
    readMemory: () => ask<Memory>('memory'),
    readCpuTimes: () => ask<number[]>('cpu'),
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** Starts the baseline, a verifier, or an API. */
export const startServer = (options: ServerOptions) => startProcess('serve.ts', options);

/** Starts Better Auth on its own database. It creates keys and writes them to a file. */
export const startBetterAuth = (options: { databaseUrl: string; keys: number; keysFile: string }) =>
  startProcess('better-auth/serve.mjs', options);
