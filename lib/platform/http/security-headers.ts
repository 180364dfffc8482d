/**
 * The Content-Security-Policy of one answer. Scripts run only with its nonce, or when such a script loads
 * them; everything else comes from this host.
 * @param nonce base64, new for each request, at least 128 random bits
 * @param dev allows what the development server needs: evaluated code, and style sheets without a nonce
 */
export function contentSecurityPolicy(nonce: string, dev = false): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    // Style attributes (not sheets) of server-rendered markup: they can load nothing and run nothing.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** What every answer of the web process carries besides its policy: OWASP ASVS 5.0, chapter 3.4. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self), usb=()',
};

const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * How an answer may be cached: not at all, except the build's files, whose names change with what is in them.
 * @param path the request's path, without its query
 */
export function cacheControl(path: string, status: number): string {
  const isBuilt = path.startsWith('/_next/static/') && (status === 200 || status === 206 || status === 304);
  return isBuilt ? IMMUTABLE : 'no-store';
}
