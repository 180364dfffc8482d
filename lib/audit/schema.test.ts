import { expect, test } from 'vitest';
import { auditFilterSchema } from './schema.ts';

test.each([{ from: '0000-01-01' }, { to: '0000-12-31' }, { search: 'a\0b' }, { account: 'a\0b' }])(
  'auditFilterSchema ignores a value that PostgreSQL cannot store: %j',
  (malformed) => {
    expect(auditFilterSchema.parse(malformed)).toEqual(auditFilterSchema.parse({}));
  },
);

test('auditFilterSchema accepts the former value of `none` for an actor', () => {
  expect(auditFilterSchema.parse({ by: 'nobody' }).by).toBe('none');
});
