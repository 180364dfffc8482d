import { expect, test } from 'vitest';
import { auditFilterSchema } from './schema.ts';

test.each([{ from: '0000-01-01' }, { to: '0000-12-31' }])(
  'auditFilterSchema ignores a value that PostgreSQL cannot store: %j',
  (malformed) => {
    expect(auditFilterSchema.parse(malformed)).toEqual(auditFilterSchema.parse({}));
  },
);

test('auditFilterSchema normalises a search', () => {
  expect(auditFilterSchema.parse({ search: '\u200bNorth\0gate\u00a0Gas ' }).search).toBe('Northgate Gas');
  expect(auditFilterSchema.parse({ search: 'Jane <dev@example.org>' }).search).toBe('dev@example.org');
});

test('auditFilterSchema accepts the former value of `none` for an actor', () => {
  expect(auditFilterSchema.parse({ by: 'nobody' }).by).toBe('none');
});
