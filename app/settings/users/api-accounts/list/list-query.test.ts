import { describe, expect, it } from 'vitest';
import { listHref, readListQuery } from './list-query.ts';

describe('the list’s state in the address bar', () => {
  it('reads what it wrote, whatever the words are', () => {
    const query = { search: 'Théâtre & Søn = 100%+', after: 'w7g_-9', edit: '0192-ab' };
    const parameters = new URL(listHref(query), 'http://localhost').searchParams;
    expect(readListQuery(Object.fromEntries(parameters))).toEqual(query);
  });

  it('is the bare path where there is nothing to say', () => {
    expect(listHref({ search: '' })).toBe('/settings/users/api-accounts');
  });

  it('takes the first of several, and leaves out what is malformed', () => {
    expect(readListQuery({ search: ['a', 'b'], after: 'no spaces', before: '' })).toEqual({ search: 'a' });
  });

  it('cuts a search of unreasonable length', () => {
    expect(readListQuery({ search: 'x'.repeat(5000) }).search).toHaveLength(200);
  });
});
