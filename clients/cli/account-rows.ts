import { InvalidArgumentError } from 'commander';
import type { NewApiAccount } from '../typescript/client.ts';
import { parseCsv, unquoteFormula, unquoteFormulas } from './csv.ts';
import { type CellError, InvalidFileError } from './exit-codes.ts';
import { foldUsername } from './find-account.ts';
import { parseLimit, parseTime, UNLIMITED } from './parse-options.ts';

/** A row of the file. `cells` are those of the known columns. */
export type AccountRow = { row: number; account: NewApiAccount; cells: string[] };
export type AccountFile = { columns: string[]; rows: AccountRow[] };

/** The reasons for which rows failed, which the command itself writes. A file with them can be imported again. */
export const ERROR_COLUMN = 'error';

/** Creates a parser for values that are separated by spaces, commas or semicolons. The given word means no limit. */
const createListParser = (unlimited: string) => (text: string) =>
  text === unlimited ? UNLIMITED : text.split(/[\s,;]+/).filter(Boolean);

function parseBoolean(text: string): boolean {
  if (/^(true|yes|1)$/i.test(text)) return true;
  if (/^(false|no|0)$/i.test(text)) return false;
  throw new InvalidArgumentError('Enter true or false.');
}

/** Creates a parser that only finds mistakes such as swapped columns: Stagedoor knows the rules. */
const createPatternParser = (pattern: RegExp, advice: string) => (text: string) => {
  if (!pattern.test(text)) throw new InvalidArgumentError(advice);
  return text;
};

type Columns = Record<keyof NewApiAccount, (text: string) => unknown>;
const COLUMNS: Columns = {
  username: String,
  email: createPatternParser(/^[^\s@]+@[^\s@]+$/, 'Enter an email address.'),
  phone: createPatternParser(/(?:\d.*){5}/, 'Enter a mobile number with its country code.'),
  requestsPerMinute: parseLimit,
  scopes: createListParser('all'),
  allowedNetworks: createListParser('anywhere'),
  expiresAt: parseTime,
  notes: String,
  phoneConfirmed: parseBoolean,
};
const REQUIRED = ['username', 'email', 'phone'];

const isColumn = (name: string): name is keyof Columns => Object.hasOwn(COLUMNS, name);

function checkHeader(header: string[]): CellError[] {
  const find = (names: string[], detail: string) => names.map((column) => ({ row: 1, column, detail }));
  const known = Object.keys(COLUMNS).join(', ');
  return [
    ...find(
      header.filter((name) => !isColumn(name) && name !== ERROR_COLUMN),
      `This column is unknown. The columns are ${known}.`,
    ),
    ...find(
      header.filter((name, index) => header.indexOf(name) < index),
      'This column occurs twice.',
    ),
    ...find(
      REQUIRED.filter((name) => !header.includes(name)),
      'This column is missing.',
    ),
  ];
}

/** Parses the cell of a column. An empty one is left out, so that Stagedoor's default applies. */
function parseCell(column: keyof Columns, text: string): { value: unknown } | { detail: string } {
  if (text === '')
    return REQUIRED.includes(column) ? { detail: 'This cell is empty.' } : { value: undefined };
  try {
    const value = COLUMNS[column](text);
    return { value: value === UNLIMITED ? null : value };
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { detail: error.message };
    throw error;
  }
}

/** Parses the cells of a row, by column. */
function parseRow(cells: Map<keyof Columns, string>, row: number) {
  const parsed = [...cells].map(([column, text]) => ({ column, ...parseCell(column, text) }));
  const errors = parsed.flatMap((cell) =>
    'detail' in cell ? [{ row, column: cell.column, detail: cell.detail }] : [],
  );
  const given = parsed.flatMap((cell) =>
    'value' in cell && cell.value !== undefined ? [[cell.column, cell.value]] : [],
  );
  return { account: Object.fromEntries(given) as NewApiAccount, errors };
}

/** Finds usernames that occur twice. */
function findDuplicates(rows: AccountRow[]): CellError[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ row, account: { username } }) => {
    const folded = foldUsername(username ?? '');
    const earlier = first.get(folded);
    if (earlier === undefined) first.set(folded, row);
    if (earlier === undefined || folded === '') return [];
    return [{ row, column: 'username', detail: `Row ${earlier} has the same username.` }];
  });
}

/**
 * Reads the accounts of a CSV file, whose columns are the fields of a new account.
 * @throws an InvalidFileError with everything that is wrong
 */
export function readAccountFile(file: string, bytes: Uint8Array): AccountFile {
  const [header = [], ...lines] = parse(file, bytes);
  // Spreadsheets add separators at the end.
  while (header.at(-1) === '') header.pop();
  const headerErrors = checkHeader(header);
  if (headerErrors.length > 0) throw new InvalidFileError(file, headerErrors);
  const unquote = header.includes(ERROR_COLUMN) ? unquoteFormulas : unquoteFormula;
  const columns = header.filter(isColumn);
  const errors: CellError[] = [];
  const rows = lines.flatMap((line, index): AccountRow[] => {
    if (line.every((cell) => cell === '')) return [];
    const row = index + 2;
    if (line.slice(header.length).some((cell) => cell !== ''))
      errors.push({ row, detail: 'This row has more cells than the header.' });
    const cells = columns.map((column) => unquote(line[header.indexOf(column)] ?? ''));
    const parsed = parseRow(new Map(columns.map((column, position) => [column, cells[position] ?? ''])), row);
    errors.push(...parsed.errors);
    return [{ row, account: parsed.account, cells }];
  });
  errors.push(...findDuplicates(rows));
  if (rows.length === 0 && errors.length === 0) errors.push({ row: 2, detail: 'There are no accounts.' });
  if (errors.length > 0)
    throw new InvalidFileError(
      file,
      errors.toSorted((a, b) => a.row - b.row),
    );
  return { columns, rows };
}

function parse(file: string, bytes: Uint8Array): string[][] {
  try {
    return parseCsv(bytes);
  } catch (error) {
    throw new InvalidFileError(file, [{ row: 1, detail: (error as Error).message }]);
  }
}
