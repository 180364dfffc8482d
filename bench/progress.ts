/** Shows what the benchmark is doing: on a terminal by overwriting one line, otherwise one line each time. */
export function showProgress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

/** Clears the progress line of a terminal. */
export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
