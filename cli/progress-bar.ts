const WIDTH = 30;
/** Without a terminal, a line is written each time so many percent are done. */
const PERCENT_PER_LINE = 10;

/** Formats a progress bar with the time that is left, if everything takes as long as before. */
function formatProgress(done: number, total: number, elapsedMs: number): string {
  const share = total > 0 ? done / total : 1;
  const filled = Math.floor(share * WIDTH);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]`;
  const counts = [done, total].map((count) => count.toLocaleString('en-GB')).join(' of ');
  const secondsLeft = done > 0 ? Math.ceil((elapsedMs * (1 / share - 1)) / 1_000) : undefined;
  const left = secondsLeft ? `, about ${secondsLeft} s left` : '';
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${counts}${left}`;
}

/** Creates a function that shows the progress on standard error: on a terminal in one line, otherwise in a few. */
export function createProgressBar(): (done: number, total: number) => void {
  const startedAt = performance.now();
  let lastPercent = 0;
  return (done, total) => {
    const line = formatProgress(done, total, performance.now() - startedAt);
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line}${done >= total ? '\n' : ''}`);
      return;
    }
    const percent = (done / total) * 100;
    if (percent - lastPercent < PERCENT_PER_LINE && done < total) return;
    lastPercent = percent;
    process.stderr.write(`${line}\n`);
  };
}
