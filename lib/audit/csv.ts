/** What a spreadsheet may take for a formula when it begins a cell. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * A cell of a CSV file, always in quotes (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe in
 * front (OWASP, CSV Injection): so `+447…` is written `'+447…`.
 */
function cell(value: string | number | null): string {
  if (value === null) return '""';
  const text = String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A line of a CSV file, with its end. */
export function csvLine(values: (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}
