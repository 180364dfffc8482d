import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What a command uses of the process that it runs in, so that tests can replace it. */
export type Terminal = {
  env: Record<string, string | undefined>;
  /** Whether a person can answer questions. */
  isInteractive: boolean;
  /** Resolves when more can be written, so that a slow reader limits the memory that is used. */
  writeOutput(text: string): Promise<void>;
  writeError(text: string): void;
  /** Asks a question. */
  ask(question: string): Promise<string>;
  /** Asks for a secret, without showing what is typed. */
  askSecret(question: string): Promise<string>;
  /** Reads everything that is piped to the command. */
  readInput(): Promise<string>;
  openBrowser(url: string): void;
  /** Waits, unless the signal aborts first; it then throws the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Runs what Ctrl-C ends early: the signal then aborts with an InterruptedError. A second Ctrl-C ends the process. */
  runUntilInterrupted<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
};

const BROWSER_COMMANDS: Partial<Record<NodeJS.Platform, [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Asks on standard error, so that standard output has only the result. */
async function ask(question: string, output: Writable = process.stderr): Promise<string> {
  process.stderr.write(question);
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C and Ctrl-D are no answer.
  const aborted = new Promise<never>((_, reject) => {
    reader.on('SIGINT', () => reject(new InterruptedError()));
    reader.on('close', () => reject(new InterruptedError()));
  });
  try {
    return await Promise.race([reader.question(''), aborted]);
  } finally {
    reader.close();
  }
}

/** The person has pressed Ctrl-C instead of answering. */
export class InterruptedError extends Error {}

/** Creates the terminal of this process. */
export function createTerminal(): Terminal {
  return {
    env: process.env,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    async writeOutput(output) {
      if (!process.stdout.write(output)) await once(process.stdout, 'drain');
    },
    writeError: (output) => void process.stderr.write(output),
    ask,
    async askSecret(question) {
      // Nothing that is typed is written.
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      try {
        return await ask(question, silent);
      } finally {
        process.stderr.write('\n');
      }
    },
    readInput: () => text(process.stdin),
    openBrowser(url) {
      const [program, ...args] = BROWSER_COMMANDS[process.platform] ?? ['xdg-open'];
      // Without a browser, the address that the command prints is enough.
      spawn(program, [...args, url], { detached: true, stdio: 'ignore' })
        .on('error', () => {})
        .unref();
    },
    async wait(milliseconds, signal) {
      await delay(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
    },
    async runUntilInterrupted(run) {
      const controller = new AbortController();
      const interrupt = () => controller.abort(new InterruptedError('Cancelled.'));
      process.once('SIGINT', interrupt);
      try {
        return await run(controller.signal);
      } finally {
        process.off('SIGINT', interrupt);
      }
    },
  };
}
