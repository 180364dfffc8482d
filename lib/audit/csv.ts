/** Characters at the beginning of a cell that make spreadsheets interpret it as a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A formula after a character at which a program with another separator, such as `;`, would split the cell. */
const INNER_FORMULA = /([;,\t\r\n]"*)(?=[=+\-@＝＋－＠])/g;

const escapeFormulas = (text: string) => text.replace(FORMULA, "'$&").replaceAll(INNER_FORMULA, "$1'");

/**
 * Formats a quoted CSV cell (RFC 4180). Inserts an apostrophe before anything that a spreadsheet would run as a
 * formula (OWASP, CSV Injection): `+447…` becomes `'+447…`, and `a;=1` becomes `a;'=1`.
 */
function formatCell(value: string | number | null): string {
  if (value === null) return '""';
  const safe = typeof value === 'string' ? escapeFormulas(value) : String(value);
  return `"${safe.replaceAll('"', '""')}"`;
}

/**
 * Formats the header of a CSV file, after a byte-order mark: without one, Excel does not read the file as UTF-8. Every
 * CSV export begins with it.
 */
export function formatCsvHeader(names: string[]): string {
  return `\ufeff${formatCsvLine(names)}`;
}

/** Formats a CSV line, including the line break. */
export function formatCsvLine(values: (string | number | null)[]): string {
  return `${values.map(formatCell).join(',')}\r\n`;
}

const QUOTED_FORMULA = /^'(?=[=+\-@\t\r\n＝＋－＠])/;
const QUOTED_INNER_FORMULA = /([;,\t\r\n]"*)'(?=[=+\-@＝＋－＠])/g;

/**
 * Removes the apostrophe before a cell that looks like a formula, such as a phone number with `+`, which people write for
 * spreadsheets, too.
 * @param isOwnFile whether `formatCsvLine` wrote the file: then removes every apostrophe that it has inserted
 */
export function restoreFormulas(cell: string, { isOwnFile }: { isOwnFile: boolean }): string {
  const text = cell.replace(QUOTED_FORMULA, '');
  return isOwnFile ? text.replaceAll(QUOTED_INNER_FORMULA, '$1') : text;
}
