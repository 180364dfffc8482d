/** The values of some rows, by column, for `toRows`. A column with one value for all rows has it once; no rows, no columns. */
export type Columns<Row> = { rowCount: number; values: { [Name in keyof Row]?: Row[Name][] } };

function mergeEqual<Value>(values: Value[]): Value[] {
  const texts = new Set(values.map((value) => JSON.stringify(value)));
  return texts.size === 1 ? values.slice(0, 1) : values;
}

/**
 * Groups the values of rows by column, so that a page contains each column's name once, and what all rows have in common
 * as well. The rows have the same columns.
 */
export function toColumns<Row extends object>(rows: Row[]): Columns<Row> {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  const values = Object.fromEntries(names.map((name) => [name, mergeEqual(rows.map((row) => row[name]))]));
  return { rowCount: rows.length, values: values as Columns<Row>['values'] };
}

/** Returns the rows that `toColumns` grouped. */
export function toRows<Row extends object>({ rowCount, values }: Columns<Row>): Row[] {
  const columns = Object.entries(values as Record<string, unknown[]>);
  return Array.from(
    { length: rowCount },
    (_, index) => Object.fromEntries(columns.map(([name, all]) => [name, all[index % all.length]])) as Row,
  );
}
