/** Characters that could move the cursor, change colours or reorder text. Usernames come from other people. */
const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Replaces characters that control a terminal. */
export const makePrintable = (text: string) => text.replaceAll(CONTROL_CHARACTERS, '\uFFFD');

const segmenter = new Intl.Segmenter();
/** Characters that take two columns: East Asian wide ones, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** Counts the columns that a text takes on a terminal. */
const measure = (text: string) =>
  [...segmenter.segment(text)].reduce((width, { segment }) => width + (WIDE.test(segment) ? 2 : 1), 0);

const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - measure(text)));

/** Formats rows as a table with a header. */
export function formatTable(header: string[], rows: string[][]): string {
  const lines = [header, ...rows.map((row) => row.map(makePrintable))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => measure(line[column] ?? ''))));
  const format = (line: string[]) => line.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ');
  return lines.map((line) => `${format(line).trimEnd()}\n`).join('');
}

/** Formats names and values, one a line. */
export function formatFields(fields: [name: string, value: string][]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => `${name.padEnd(width)}  ${makePrintable(value)}`.trimEnd())
    .join('\n')
    .concat('\n');
}

/** Formats a time for people, in the time zone of the machine, with the zone. */
export const formatTime = (time: string | null | undefined) =>
  time ? new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' }) : '';
