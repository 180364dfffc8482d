import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** The values of a row by column. The columns are those of the database. */
export type Row = Record<string, Date | string | number | boolean | null>;

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const NEEDS_ESCAPE = /[\\\n\r\t]/;

/** Formats a value for the text format of COPY. */
function formatValue(value: Row[string]): string {
  if (value === null) return '\\N';
  if (value instanceof Date) return value.toISOString();
  const text = String(value);
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character);
}

/** Rows of several tables, formatted for COPY when they are added, because millions of objects would be slow to collect. */
export class RowsToCopy {
  #tables = new Map<string, { columns: string[]; lines: string[] }>();

  /** Adds a row. All rows of a table have the columns of the first one, in the same order. */
  add(table: string, row: Row): void {
    const line = `${Object.values(row).map(formatValue).join('\t')}\n`;
    const added = this.#tables.get(table);
    if (added) added.lines.push(line);
    else this.#tables.set(table, { columns: Object.keys(row), lines: [line] });
  }

  /** Copies all rows, table by table in the order of their first rows. */
  async copy(client: pg.ClientBase): Promise<void> {
    for (const [table, { columns, lines }] of this.#tables) {
      const names = columns.map(pg.escapeIdentifier).join(', ');
      const stream = client.query(copyFrom(`copy ${pg.escapeIdentifier(table)} (${names}) from stdin`));
      await pipeline(Readable.from(joinLines(lines)), stream);
    }
  }
}

const LINES_PER_CHUNK = 200;

/** Joins lines to chunks, because each chunk is written to the connection separately. */
function* joinLines(lines: string[]): Generator<string> {
  for (let from = 0; from < lines.length; from += LINES_PER_CHUNK)
    yield lines.slice(from, from + LINES_PER_CHUNK).join('');
}
