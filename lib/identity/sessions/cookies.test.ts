import { describe, expect, it } from 'vitest';
import { buildCookieSettings } from './cookies.ts';

const NAMES = [
  'session',
  'pending',
  'state',
  'reauth',
  'callbackUrl',
  'nonce',
  'pkce',
  'csrf',
  'theme',
] as const;

describe('buildCookieSettings', () => {
  it.each([
    'https://access.example.org',
    'https://localhost:3000',
    'https://127.0.0.1',
    'http://intranet.example',
  ])('binds the cookies of %s to the host and to TLS', (publicUrl) => {
    const { options, ...names } = buildCookieSettings(publicUrl);
    expect(options).toEqual({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' });
    expect(Object.keys(names)).toEqual(NAMES);
    for (const name of Object.values(names)) expect(name).toMatch(/^__Host-stagedoor\.[a-z-]+$/);
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://127.8.9.10', 'http://[::1]:3000'])(
    'sets cookies without Secure on %s, so that Safari accepts them',
    (publicUrl) => {
      const { options, ...names } = buildCookieSettings(publicUrl);
      expect(options).toEqual({ httpOnly: true, secure: false, sameSite: 'lax', path: '/' });
      for (const name of Object.values(names)) expect(name).toMatch(/^stagedoor\.[a-z-]+$/);
    },
  );

  it.each(['http://localhost.example.org', 'http://127.0.0.1.example.org', 'http://[::2]'])(
    'does not treat %s as loopback',
    (publicUrl) => {
      expect(buildCookieSettings(publicUrl).options.secure).toBe(true);
    },
  );

  it('gives every cookie a different name', () => {
    const { options: _, ...names } = buildCookieSettings('https://access.example.org');
    expect(new Set(Object.values(names)).size).toBe(NAMES.length);
  });
});
