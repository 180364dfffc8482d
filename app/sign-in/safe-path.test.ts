import { describe, expect, it } from 'vitest';
import { HOME, safePath } from './safe-path.ts';

describe('safePath', () => {
  it.each([
    '/settings/users/api-accounts?search=Contoso+%26+Sons',
    '/outbox',
    '/settings/users/api-accounts?after=YQ',
  ])('accepts %s', (path) => {
    expect(safePath(path)).toBe(path);
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
    expect(safePath(path)).toBe(HOME);
  });

  it('returns the home path if there are two', () => {
    expect(safePath(['/a', '/b'])).toBe(HOME);
  });
});
