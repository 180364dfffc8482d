import type { Figure } from './figures.ts';

const HEADS = ['', 'connections', 'requests/s', 'of bare', 'p50 ms', 'p99 ms', 'p99 of bare'];

/** The figures as a table, a line each, the medians of all rounds. */
export function formatTable(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    String(figure.connections),
    figure.perSecond.toFixed(0),
    figure.ofBare.toFixed(3),
    figure.p50.toFixed(2),
    figure.p99.toFixed(2),
    figure.p99OfBare.toFixed(2),
  ]);
  const all = [HEADS, ...rows];
  const widths = HEADS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return all.map((row) => row.map(pad).join('  ')).join('\n');
}

/** Names and what they stand for, a line each; numbers with two digits. */
export function formatAsList(entries: Record<string, string | number | undefined>): string {
  const said = Object.entries(entries).filter(([, value]) => value !== undefined);
  const width = Math.max(...said.map(([name]) => name.length));
  const format = (value: unknown) => (typeof value === 'number' ? value.toFixed(2) : String(value));
  return said.map(([name, value]) => `${name.padEnd(width)}  ${format(value)}`).join('\n');
}
