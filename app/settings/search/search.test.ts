import { describe, expect, it } from 'vitest';
import { listSettingsPages } from '../settings-pages.ts';
import { isPaletteShortcut } from './palette-shortcut.ts';
import { buildPaletteGroups, keepMatches, NO_RESULTS } from './search.ts';
import { searchSchema } from './search-schema.ts';

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

  it('offers the dialogs that create something only to administrators', () => {
    const findActions = (search: string, canEdit: boolean) =>
      buildPaletteGroups(search, { pages, results: NO_RESULTS, canEdit }).find(
        ({ label }) => label === 'Actions',
      )?.items;
    expect(findActions('new', true)).toEqual([
      { label: 'New API Account', href: '/settings/users/api-accounts?dialog=newAccount' },
      { label: 'New scope', href: '/settings/scopes?dialog=newScope' },
      { label: 'New access token', href: '/settings/access-tokens?dialog=newAccessToken' },
      { label: 'New webhook endpoint', href: '/settings/webhooks?dialog=newWebhookEndpoint' },
    ]);
    expect(findActions('', true)).toHaveLength(5);
    expect(findActions('', false)).toBeUndefined();
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

describe('keepMatches', () => {
  it('keeps only the results that contain the text in a name or an email address', () => {
    expect(keepMatches(results, 'ADA')).toEqual({ accounts: [], users: [results.users[0]] });
    expect(keepMatches(results, ' dev@ ')).toEqual({ accounts: results.accounts, users: [] });
    expect(keepMatches(results, 'adam')).toEqual(NO_RESULTS);
  });
});

describe('isPaletteShortcut', () => {
  const press = (changes: Partial<KeyboardEvent>) => ({
    key: 'k',
    code: 'KeyK',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...changes,
  });

  it('is ⌘K on Apple devices, and Ctrl+K elsewhere', () => {
    expect(isPaletteShortcut(press({ metaKey: true }), true)).toBe(true);
    expect(isPaletteShortcut(press({ ctrlKey: true }), true)).toBe(false);
    expect(isPaletteShortcut(press({ ctrlKey: true, key: 'K' }), false)).toBe(true);
    expect(isPaletteShortcut(press({ metaKey: true }), false)).toBe(false);
  });

  it.each([
    {},
    { ctrlKey: true, metaKey: true },
    { ctrlKey: true, altKey: true },
    { ctrlKey: true, shiftKey: true },
  ])('is not K with %o', (keys) => {
    expect(isPaletteShortcut(press(keys), false)).toBe(false);
  });

  it('follows the letter, or the key on keyboards for other scripts', () => {
    const withCtrl = { ctrlKey: true };
    expect(isPaletteShortcut(press({ ...withCtrl, key: 'л' }), false)).toBe(true);
    // Dvorak has K elsewhere.
    expect(isPaletteShortcut(press({ ...withCtrl, code: 'KeyV' }), false)).toBe(true);
    expect(isPaletteShortcut(press({ ...withCtrl, key: 't' }), false)).toBe(false);
  });
});

describe('searchSchema', () => {
  it('normalises the text, and rejects other types and long texts', () => {
    expect(searchSchema.parse({ search: '  ada\u00a0l ' })).toEqual({ search: 'ada l' });
    for (const search of [undefined, null, 42, ['x'], 'x'.repeat(201)])
      expect(searchSchema.safeParse({ search }).success).toBe(false);
  });
});
