import { describe, expect, it } from 'vitest';
import { toColumns, toRows } from './to-columns.ts';

const ROWS = [
  {
    id: 'a',
    usedAt: new Date(0),
    problems: [{ label: 'Email bounced' }],
    createdAt: new Date(0),
    reports: [],
  },
  { id: 'b', usedAt: null, problems: [], createdAt: new Date(0), reports: [] },
];

describe('toColumns', () => {
  it('groups the values of rows by column', () => {
    expect(toColumns(ROWS)).toMatchObject({
      rowCount: 2,
      values: {
        id: ['a', 'b'],
        usedAt: [new Date(0), null],
        problems: [[{ label: 'Email bounced' }], []],
      },
    });
  });

  it('has a value that all rows have once', () => {
    expect(toColumns(ROWS)).toMatchObject({ values: { createdAt: [new Date(0)], reports: [[]] } });
  });

  it.each([[ROWS], [ROWS.slice(0, 1)], [[]]])('is reversed by toRows', (rows) => {
    expect(toRows(toColumns(rows))).toEqual(rows);
  });
});
