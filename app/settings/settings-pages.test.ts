import { expect, it } from 'vitest';
import { listSettingsPages } from './settings-pages.ts';

it.each([
  [
    'an administrator',
    'settings_administrator',
    ['users', 'accounts', 'tokens', 'webhooks', 'scopes', 'expiry', 'texts', 'log', 'self'],
  ],
  ['a viewer', 'settings_viewer', ['users', 'accounts', 'tokens', 'webhooks', 'self']],
  ['a user without a role', null, ['self']],
] as const)('lists for %s only the pages that they may open', (_, role, expected) => {
  expect(listSettingsPages({ role }).map(({ name }) => name)).toEqual(expected);
});

it('lists the pages for viewers if the user is unknown', () => {
  expect(listSettingsPages(null)).toEqual(listSettingsPages({ role: 'settings_viewer' }));
});
