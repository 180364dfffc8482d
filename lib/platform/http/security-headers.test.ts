import { expect, test } from 'vitest';
import { buildContentSecurityPolicy, getCacheControl, SECURITY_HEADERS } from './security-headers.ts';

test('buildContentSecurityPolicy allows inline scripts only with the nonce, and no other hosts', () => {
  const policy = buildContentSecurityPolicy('bm9uY2U=');
  const scripts = policy.split('; ').find((directive) => directive.startsWith('script-src'));
  expect(scripts).toBe("script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic'");
  expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toMatch(/unsafe|https?:|\*/);
});

test.each(["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "default-src 'self'"])(
  'buildContentSecurityPolicy includes %s',
  (directive) => {
    expect(buildContentSecurityPolicy('x').split('; ')).toContain(directive);
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

test('getCacheControl allows browsers to cache existing build files only', () => {
  expect(getCacheControl('/_next/static/chunks/a.js', 200)).toContain('immutable');
  expect(getCacheControl('/_next/static/chunks/missing.js', 404)).toBe('no-store');
  expect(getCacheControl('/settings/users/api-accounts', 200)).toBe('no-store');
  expect(getCacheControl('/icon.svg', 200)).toBe('no-store');
  expect(getCacheControl('/x/_next/static/a.js', 200)).toBe('no-store');
});
