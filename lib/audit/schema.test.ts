import { expect, test } from 'vitest';
import { auditFilterSchema } from './schema.ts';

test.each([{ from: '0000-01-01' }, { to: '0000-12-31' }, { search: 'a\0b' }, { account: 'a\0b' }])(
  'ignores a value that PostgreSQL cannot store: %j',
  (malformed) => {
    expect(auditFilterSchema.parse(malformed)).toEqual(auditFilterSchema.parse({}));
  },
);
