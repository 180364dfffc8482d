/** Says what goes on: on a terminal in one line that is written over, else a line each. */
export function say(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

/** The line has served its turn. */
export function sayNothing(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
