import type { Terminal } from '../terminal.ts';

export type TestTerminalOptions = {
  env: Record<string, string | undefined>;
  /** What a person types, each answer once. Without any, no person is there. */
  answers?: string[];
  /** Collects the opened addresses. */
  opened?: string[];
  /** Called instead of waiting. */
  onWait?: (milliseconds: number) => void;
  /** Aborts like Ctrl-C. */
  interrupt?: AbortController;
};

/** Creates a terminal that collects what a command writes. */
export function createTestTerminal({
  env,
  answers = [],
  opened = [],
  onWait = () => {},
  interrupt = new AbortController(),
}: TestTerminalOptions): { terminal: Terminal; written: { output: string; error: string } } {
  const written = { output: '', error: '' };
  const answer = async (question: string) => {
    written.error += question;
    return answers.shift() ?? '';
  };
  const terminal: Terminal = {
    env,
    isInteractive: answers.length > 0,
    async writeOutput(text) {
      written.output += text;
    },
    writeError(text) {
      written.error += text;
    },
    ask: answer,
    askSecret: answer,
    readInput: async () => env.INPUT ?? '',
    openBrowser: (url) => opened.push(url),
    async wait(milliseconds, signal) {
      onWait(milliseconds);
      signal.throwIfAborted();
    },
    runUntilInterrupted: (run) => run(interrupt.signal),
  };
  return { terminal, written };
}
