import { describe, expect, it } from 'vitest';
import { DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';
import { buildAccountsHref, buildExportHref } from './accounts-query.ts';
import { readAccountsQuery } from './read-accounts-query.ts';

const ID = '019a22a6-25c4-7500-a0fe-ea3e24da7591';

describe('buildAccountsHref', () => {
  it('builds a URL from which readAccountsQuery reads the same query', () => {
    const filter = {
      search: 'Théâtre & Søn = 100%+',
      status: 'needs_attention',
      sort: 'last_used',
      order: 'desc',
    } as const;
    const query = { filter, after: 'w7g_-9', edit: ID, created: ID };
    const parameters = new URL(buildAccountsHref(query), 'http://localhost').searchParams;
    expect(readAccountsQuery(Object.fromEntries(parameters))).toEqual(query);
  });

  it('returns the bare path for the default state', () => {
    expect(buildAccountsHref({ filter: DEFAULT_FILTER })).toBe('/settings/users/api-accounts');
  });
});

describe('buildExportHref', () => {
  it('keeps what is filtered, not the order', () => {
    const filter = { search: 'a b', status: 'active', sort: 'email', order: 'desc' } as const;
    expect(buildExportHref(filter, 'csv')).toBe(
      '/settings/users/api-accounts/export?search=a+b&status=active&format=csv',
    );
    expect(buildExportHref(DEFAULT_FILTER, 'jsonl')).toBe('/settings/users/api-accounts/export?format=jsonl');
  });
});

describe('readAccountsQuery', () => {
  it('reads the first of several values, and ignores malformed ones', () => {
    const parameters = {
      search: ['a', 'b'],
      status: 'broken',
      sort: 'password',
      order: '',
      after: 'no spaces',
      before: '',
      edit: '0192-ab',
      created: "'",
    };
    expect(readAccountsQuery(parameters)).toEqual({ filter: { ...DEFAULT_FILTER, search: 'a' } });
  });

  it('truncates a long search', () => {
    expect(readAccountsQuery({ search: 'x'.repeat(5000) }).filter.search).toHaveLength(200);
  });
});
