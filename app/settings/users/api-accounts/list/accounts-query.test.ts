import { describe, expect, it } from 'vitest';
import { buildAccountsHref, readAccountsQuery } from './accounts-query.ts';

describe('buildAccountsHref', () => {
  it('builds a URL from which readAccountsQuery reads the same query', () => {
    const query = { search: 'Théâtre & Søn = 100%+', after: 'w7g_-9', edit: '0192-ab' };
    const parameters = new URL(buildAccountsHref(query), 'http://localhost').searchParams;
    expect(readAccountsQuery(Object.fromEntries(parameters))).toEqual(query);
  });

  it('returns the bare path for an empty query', () => {
    expect(buildAccountsHref({ search: '' })).toBe('/settings/users/api-accounts');
  });
});

describe('readAccountsQuery', () => {
  it('reads the first of several values, and skips malformed ones', () => {
    expect(readAccountsQuery({ search: ['a', 'b'], after: 'no spaces', before: '' })).toEqual({
      search: 'a',
    });
  });

  it('truncates a long search', () => {
    expect(readAccountsQuery({ search: 'x'.repeat(5000) }).search).toHaveLength(200);
  });
});
