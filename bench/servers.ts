import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Order } from './serve.ts';

/** Bytes. */
export type Memory = { rss: number; heapUsed: number; external: number };

export type BenchServer = {
  port: number;
  /** What the process uses at this moment. */
  memory(): Promise<Memory>;
  stop(): Promise<void>;
};

async function answerOf(child: ChildProcess, program: string) {
  const ended = new AbortController();
  const onExit = () => ended.abort(new Error(`${program} ended before it answered`));
  child.once('exit', onExit);
  try {
    const [answer] = await once(child, 'message', { signal: ended.signal });
    return answer;
  } catch (error) {
    throw ended.signal.reason ?? error;
  } finally {
    child.off('exit', onExit);
  }
}

/** Starts a program beside this file in a process of its own, as in production. @param order for it, as JSON */
async function start(program: string, order: object): Promise<BenchServer> {
  const child = fork(new URL(program, import.meta.url), [JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const { port } = await answerOf(child, program);
  return {
    port,
    memory() {
      child.send('memory');
      return answerOf(child, program);
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
export const serve = (order: Order) => start('serve.ts', order);

/** Starts Better Auth on a database of its own, with keys that it makes and writes to a file. */
export const serveBetterAuth = (order: { databaseUrl: string; keys: number; keysFile: string }) =>
  start('better-auth/serve.mjs', order);
