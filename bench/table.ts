export type Figure = { name: string; perSecond: number; p50: number; p99: number };

const HEADS = ['', 'requests/s', 'of bare', 'p50 ms', 'p99 ms', 'p99 of bare'];

/**
 * The figures as a table. The name ends in the number of connections; each is set against the baseline that
 * has the same.
 */
export function formatTable(figures: Figure[], how: string): string {
  const rows = figures.map((figure) => {
    const connections = figure.name.split(', ').at(-1);
    const bare =
      figures.find(({ name }) => name.startsWith('bare') && name.endsWith(`, ${connections}`)) ?? figure;
    return [
      figure.name,
      figure.perSecond.toFixed(0),
      (figure.perSecond / bare.perSecond).toFixed(2),
      figure.p50.toFixed(2),
      figure.p99.toFixed(2),
      (figure.p99 / bare.p99).toFixed(1),
    ];
  });
  const all = [HEADS, ...rows];
  const widths = HEADS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const format = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [...all.map(format), '', how].join('\n');
}
