import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

/** Reads lines as RFC 4180 has them. */
function parse(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, cell = '', end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    lines.at(-1)?.push(cell.replaceAll('""', '"'));
    if (end !== ',') lines.push([]);
  }
  return lines.slice(0, -1);
}

/** What the reader of a file takes away again: the apostrophe before what looks like a formula. */
const undo = (text: string) =>
  text.replaceAll(/([;,\t\r\n]"*)'(?=[=+\-@＝＋－＠])/g, '$1').replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '');

it('keeps any text whole, and lets no cell begin as a formula does', () => {
  const special = fc.constantFrom(...'=+-@;,\t\r\n\'"＝');
  const unit = fc.oneof(special, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
  const text = fc.array(unit).map((units) => units.join(''));
  const texts = fc.array(fc.array(text, { minLength: 1 }), { minLength: 1 });
  fc.assert(
    fc.property(texts, (lines) => {
      const read = parse(lines.map(csvLine).join(''));
      expect(read.map((line) => line.map(undo))).toEqual(lines.map((line) => line.map(undo)));
      for (const cell of read.flat()) {
        expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        // Nor where a program splits at something else.
        for (const part of cell.split(/[;,\t\r\n]/).slice(1)) expect(part).not.toMatch(/^"*[=+\-@＝＋－＠]/);
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
  expect(csvLine([text])).toBe(line);
});

it('writes numbers as they are and nothing as an empty cell', () => {
  expect(csvLine([-1, 12, null, ''])).toBe('"-1","12","",""\r\n');
});
