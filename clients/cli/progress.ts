import type { Terminal } from './terminal.ts';

const WIDTH = 30;
const format = (count: number) => count.toLocaleString('en-GB');

/** Draws a progress bar on standard error, if a person is looking. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #total: number;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  update(done: number, failed: number): void {
    if (!this.#terminal.isInteractive) return;
    const filled = Math.round((WIDTH * done) / this.#total);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    const failures = failed > 0 ? `, ${format(failed)} failed` : '';
    this.#terminal.writeError(`\r${bar} ${format(done)} of ${format(this.#total)}${failures} `);
  }

  end(): void {
    if (this.#terminal.isInteractive) this.#terminal.writeError('\n');
  }
}
