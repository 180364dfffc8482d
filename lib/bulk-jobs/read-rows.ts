import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { MAX_IMPORT_ROWS } from './limits.ts';

/** Why a file cannot be imported, for the administrator. */
export class FileError extends Error {}

const DELIMITERS = [',', ';', '\t'];
/** Characters within which the header must end, and of a row. */
const MAX_HEADER_LENGTH = 10_000;
const MAX_ROW_LENGTH = 100_000;

/** Finds the separator: spreadsheets of many countries use `;`. */
function findDelimiter(start: string): string {
  const [header = ''] = start.split(/\r?\n|\r/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** Decodes UTF-8, without a byte-order mark. */
async function* decode(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decodePart = (part?: Uint8Array) => {
    try {
      return decoder.decode(part, { stream: part !== undefined });
    } catch (cause) {
      throw new FileError('The file isn’t in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.', { cause });
    }
  };
  for await (const part of parts) {
    const text = decodePart(part);
    // UTF-16 has many. PostgreSQL cannot store them.
    if (text.includes('\0'))
      throw new FileError('The file isn’t in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.');
    yield text;
  }
  yield decodePart();
}

/** Collects the beginning of a text, with the whole first line. */
async function readStart(texts: AsyncGenerator<string>): Promise<string> {
  let start = '';
  while (start.length < MAX_HEADER_LENGTH && !/[\r\n]/.test(start)) {
    const { done, value } = await texts.next();
    if (done) break;
    start += value;
  }
  return start;
}

/**
 * Reads the rows of a CSV file with any of the usual separators, one after the other. An empty line is a row with one empty
 * cell, so that rows have the numbers that a spreadsheet shows.
 * @throws a FileError if the file is no CSV in UTF-8, or has too many rows
 */
export async function* readRows(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const texts = decode(parts);
  const start = await readStart(texts);
  async function* readTexts() {
    yield start;
    yield* texts;
  }
  const parser = parse({
    delimiter: findDelimiter(start),
    relax_column_count: true,
    skip_empty_lines: false,
    trim: true,
    max_record_size: MAX_ROW_LENGTH,
  });
  pipeline(Readable.from(readTexts()), parser, () => {
    // Reading the rows throws the error of either stream.
  });
  let rows = 0;
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      rows += 1;
      if (rows > MAX_IMPORT_ROWS + 1)
        throw new FileError(
          `The file has more than ${MAX_IMPORT_ROWS.toLocaleString('en-GB')} rows. Split it into several files.`,
        );
      yield row;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new FileError(`The file isn’t valid CSV. ${error.message}.`, { cause: error });
  }
}
