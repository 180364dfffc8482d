import { describe, expect, it } from 'vitest';
import { listSettingsPages } from '../settings-pages.ts';
import { buildPaletteGroups, NO_RESULTS, searchSchema } from './search.ts';

const pages = listSettingsPages({ role: 'settings_viewer' });
const results = {
  accounts: [{ id: '1', username: 'Théâtre & Søn', email: 'dev@example.com' }],
  users: [
    { id: '2', name: 'Ada', email: 'ada@example.com' },
    { id: '3', name: '', email: 'invited@example.com' },
  ],
};

describe('buildPaletteGroups', () => {
  it('lists every page that the user may open before anything is typed', () => {
    expect(buildPaletteGroups('', { pages, results: NO_RESULTS, canEdit: false })).toEqual([
      { label: 'Pages', items: pages.map(({ label, href }) => ({ label, href })) },
    ]);
  });

  it('shows only pages whose name contains the text, and no empty group', () => {
    const groups = buildPaletteGroups(' API ', { pages, results: NO_RESULTS, canEdit: false });
    expect(groups.map(({ items }) => items.map(({ label }) => label))).toEqual([['API Accounts']]);
    expect(buildPaletteGroups('zzz', { pages, results: NO_RESULTS, canEdit: false })).toEqual([]);
  });

  it('opens an account on its page for administrators, and in the list for viewers', () => {
    const findHref = (canEdit: boolean) =>
      buildPaletteGroups('s', { pages, results, canEdit })[0]?.items[0]?.href;
    expect(findHref(true)).toBe('/settings/users/api-accounts/1');
    expect(findHref(false)).toBe('/settings/users/api-accounts?search=Th%C3%A9%C3%A2tre+%26+S%C3%B8n');
  });

  it('names invited users by their email address', () => {
    const groups = buildPaletteGroups('a', { pages, results, canEdit: false });
    expect(groups.find(({ label }) => label === 'Users')?.items).toMatchObject([
      { label: 'Ada', detail: 'ada@example.com' },
      { label: 'invited@example.com' },
    ]);
  });
});

describe('searchSchema', () => {
  it('normalises the text, and rejects other types and long texts', () => {
    expect(searchSchema.parse({ search: '  ada\u00a0l ' })).toEqual({ search: 'ada l' });
    for (const search of [undefined, null, 42, ['x'], 'x'.repeat(201)])
      expect(searchSchema.safeParse({ search }).success).toBe(false);
  });
});
