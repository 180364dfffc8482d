import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { formatCsvHeader, formatCsvLine, restoreFormulas } from './csv.ts';

/** Parses CSV lines (RFC 4180). */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, cell = '', end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    lines.at(-1)?.push(cell.replaceAll('""', '"'));
    if (end !== ',') lines.push([]);
  }
  return lines.slice(0, -1);
}

/** Removes an apostrophe before each formula, whether the text had it or the function inserted it. */
const removeApostrophes = (text: string) =>
  text.replaceAll(/([;,\t\r\n]"*)'(?=[=+\-@＝＋－＠])/g, '$1').replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '');

describe('formatCsvHeader', () => {
  it('begins with the byte-order mark in UTF-8, without which Excel reads Théâtre as ThÃ©Ã¢tre', () => {
    const bytes = Buffer.from(formatCsvHeader(['username', 'é']));
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(bytes.subarray(3).toString()).toBe('"username","é"\r\n');
  });
});

describe('formatCsvLine', () => {
  it('preserves any text, apart from apostrophes before formulas, and writes no cell that begins like a formula', () => {
    const special = fc.constantFrom(...'=+-@;,\t\r\n\'"＝');
    const unit = fc.oneof(special, anyCharacter);
    const text = fc.array(unit).map((units) => units.join(''));
    const texts = fc.array(fc.array(text, { minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(texts, (lines) => {
        const parsedLines = parseCsv(lines.map(formatCsvLine).join(''));
        expect(parsedLines.map((line) => line.map(removeApostrophes))).toEqual(
          lines.map((line) => line.map(removeApostrophes)),
        );
        for (const cell of parsedLines.flat()) {
          expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
          // A program that splits the cell at another separator finds no formula either.
          for (const part of cell.split(/[;,\t\r\n]/).slice(1))
            expect(part).not.toMatch(/^"*[=+\-@＝＋－＠]/);
        }
      }),
    );
  });

  it.each([
    ['=HYPERLINK("https://example.com")', `"'=HYPERLINK(""https://example.com"")"\r\n`],
    ['+447894123456', `"'+447894123456"\r\n`],
    ['-1', `"'-1"\r\n`],
    ['@SUM(A1)', `"'@SUM(A1)"\r\n`],
    ['\t=1', `"'\t'=1"\r\n`],
    ['Northgate, Gas & "Co"', '"Northgate, Gas & ""Co"""\r\n'],
    ["x;=cmd|'/C calc'!A0;", `"x;'=cmd|'/C calc'!A0;"\r\n`],
    ['a,"=1",-2', `"a,""'=1"",'-2"\r\n`],
    ['Mon; Tue - Wed, a=b', '"Mon; Tue - Wed, a=b"\r\n'],
    ['two\nlines', '"two\nlines"\r\n'],
  ])('writes %j as %j', (text, line) => {
    expect(formatCsvLine([text])).toBe(line);
  });

  it('writes numbers unchanged and null as an empty cell', () => {
    expect(formatCsvLine([-1, 12, null, ''])).toBe('"-1","12","",""\r\n');
  });
});

describe('restoreFormulas', () => {
  it.each(['=1', '+447894123456', 'a;=1', 'a,"=1",-2', "'quoted'", 'two\nlines'])(
    'returns %j as it was before it was written',
    (text) => {
      const [, cell = ''] = /^"(.*)"\r\n$/s.exec(formatCsvLine([text])) ?? [];
      expect(restoreFormulas(cell.replaceAll('""', '"'), { isOwnFile: true })).toBe(text);
    },
  );

  it('keeps the apostrophes inside a cell of another file', () => {
    expect(restoreFormulas("'+44;'=1", { isOwnFile: false })).toBe("+44;'=1");
  });
});
