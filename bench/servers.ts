import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerOptions } from './serve.ts';

/** Memory usage in bytes. */
export type Memory = { rss: number; heapUsed: number; external: number };

export type BenchServer = {
  port: number;
  readMemory(): Promise<Memory>;
  stop(): Promise<void>;
};

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
  return {
    port,
    readMemory() {
      child.send('memory');
      return waitForMessage(child, program);
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** Starts the baseline or a verifier. */
export const startServer = (options: ServerOptions) => startProcess('serve.ts', options);

/** Starts Better Auth on its own database. It creates keys and writes them to a file. */
export const startBetterAuth = (options: { databaseUrl: string; keys: number; keysFile: string }) =>
  startProcess('better-auth/serve.mjs', options);
