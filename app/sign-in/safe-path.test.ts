import { describe, expect, it } from 'vitest';
import { getSafePath, HOME_PATH } from './safe-path.ts';

describe('getSafePath', () => {
  it.each([
    '/settings/users/api-accounts?search=Contoso+%26+Sons',
    '/outbox',
    '/settings/users/api-accounts?after=YQ',
  ])('accepts %s', (path) => {
    expect(getSafePath(path)).toBe(path);
  });

  it.each([
    undefined,
    '',
    '/',
    'settings',
    'https://example.com/',
    '//example.com',
    '/\\example.com',
    '\\/example.com',
    '/\t/example.com',
    '/\n/example.com',
    'javascript:alert(1)',
    ' /settings',
    '/settings\\x',
    '/sign-in?then=/sign-in',
  ])('returns the home path instead of %j', (path) => {
    expect(getSafePath(path)).toBe(HOME_PATH);
  });

  it('returns the home path for a repeated parameter', () => {
    expect(getSafePath(['/a', '/b'])).toBe(HOME_PATH);
  });
});
