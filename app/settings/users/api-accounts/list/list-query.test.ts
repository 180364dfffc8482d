import { describe, expect, it } from 'vitest';
import { buildListHref, readListQuery } from './list-query.ts';

describe('buildListHref', () => {
  it('keeps any query that readListQuery reads back', () => {
    const query = { search: 'Théâtre & Søn = 100%+', after: 'w7g_-9', edit: '0192-ab' };
    const parameters = new URL(buildListHref(query), 'http://localhost').searchParams;
    expect(readListQuery(Object.fromEntries(parameters))).toEqual(query);
  });

  it('returns the bare path for an empty query', () => {
    expect(buildListHref({ search: '' })).toBe('/settings/users/api-accounts');
  });
});

describe('readListQuery', () => {
  it('reads the first of several values, and skips malformed ones', () => {
    expect(readListQuery({ search: ['a', 'b'], after: 'no spaces', before: '' })).toEqual({ search: 'a' });
  });

  it('truncates a long search', () => {
    expect(readListQuery({ search: 'x'.repeat(5000) }).search).toHaveLength(200);
  });
});
