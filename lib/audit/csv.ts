/** What a spreadsheet may take for a formula when it begins a cell. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** The same after what a program with another list separator (`;`, say) would split a cell at. */
const INNER_FORMULA = /([;,\t\r\n]"*)(?=[=+\-@＝＋－＠])/g;

const defuse = (text: string) => text.replace(FORMULA, "'$&").replaceAll(INNER_FORMULA, "$1'");

/**
 * A cell of a CSV file, always in quotes (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe in
 * front (OWASP, CSV Injection): so `+447…` is written `'+447…`, and `a;=1` is written `a;'=1`.
 */
function cell(value: string | number | null): string {
  if (value === null) return '""';
  const safe = typeof value === 'string' ? defuse(value) : String(value);
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A line of a CSV file, with its end. */
export function csvLine(values: (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}
