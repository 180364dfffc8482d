import { CsvError, parse } from 'csv-parse/sync';

/** What a spreadsheet would run as a formula, at the beginning of a cell. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** A formula after a character at which a program with another separator, such as `;`, would split the cell. */
const INNER_FORMULA = /([;,\t\r\n]"*)(?=[=+\-@＝＋－＠])/g;
const QUOTED_FORMULA = /^'(?=[=+\-@\t\r\n＝＋－＠])/;
const QUOTED_INNER_FORMULA = /([;,\t\r\n]"*)'(?=[=+\-@＝＋－＠])/g;

const DELIMITERS = [',', ';', '\t'];

/** Finds the separator: spreadsheets of many countries use `;`. */
function findDelimiter(text: string): string {
  const [header = ''] = text.split(/\r?\n|\r/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
}

/**
 * Parses a CSV file, in UTF-8, with any of the usual separators. An empty line is a row with one empty cell, so that rows
 * have the numbers that a spreadsheet shows.
 * @throws an Error that describes what is wrong
 */
export function parseCsv(bytes: Uint8Array): string[][] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('The file isn’t in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.', { cause });
  }
  try {
    return parse(text, {
      delimiter: findDelimiter(text),
      relax_column_count: true,
      skip_empty_lines: false,
      trim: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error(`The file isn’t valid CSV. ${error.message}.`, { cause: error });
  }
}

/**
 * Formats rows as CSV (RFC 4180), for any spreadsheet: with a byte-order mark, and with an apostrophe before anything that
 * it would run as a formula (OWASP, CSV Injection).
 */
export function formatCsv(rows: string[][]): string {
  const formatCell = (cell: string) =>
    `"${cell.replace(FORMULA, "'$&").replaceAll(INNER_FORMULA, "$1'").replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')}`;
}

/** Removes the apostrophe before a cell that looks like a formula, such as a phone number with `+`. */
export const unquoteFormula = (cell: string) => cell.replace(QUOTED_FORMULA, '');

/** Removes every apostrophe that `formatCsv` has inserted. */
export const unquoteFormulas = (cell: string) => unquoteFormula(cell).replaceAll(QUOTED_INNER_FORMULA, '$1');
