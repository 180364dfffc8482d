import { expect, test } from 'vitest';
import { cacheControl, contentSecurityPolicy, SECURITY_HEADERS } from './security-headers.ts';

test('the policy allows only scripts with the nonce', () => {
  const policy = contentSecurityPolicy('bm9uY2U=');
  const scripts = policy.split('; ').find((directive) => directive.startsWith('script-src'));
  expect(scripts).toBe("script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic'");
  expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toMatch(/unsafe|https?:|\*/);
});

test.each(["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "default-src 'self'"])(
  'the policy contains %s',
  (directive) => {
    expect(contentSecurityPolicy('x').split('; ')).toContain(directive);
  },
);

test('SECURITY_HEADERS contains the required headers', () => {
  expect(SECURITY_HEADERS).toMatchObject({
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
  const seconds = /max-age=(\d+)/.exec(SECURITY_HEADERS['Strict-Transport-Security'] ?? '')?.[1];
  expect(Number(seconds)).toBeGreaterThanOrEqual(31_536_000);
});

test('cacheControl allows caching of existing build files only', () => {
  expect(cacheControl('/_next/static/chunks/a.js', 200)).toContain('immutable');
  expect(cacheControl('/_next/static/chunks/missing.js', 404)).toBe('no-store');
  expect(cacheControl('/settings/users/api-accounts', 200)).toBe('no-store');
  expect(cacheControl('/icon.svg', 200)).toBe('no-store');
  expect(cacheControl('/x/_next/static/a.js', 200)).toBe('no-store');
});
