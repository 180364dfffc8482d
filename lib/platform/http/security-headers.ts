/**
 * Builds the Content-Security-Policy of one response. Scripts run only if they have the nonce, or if such a script loads
 * them. Everything else must come from this host, except `data:` images.
 * @param nonce base64, new for each request, at least 128 random bits
 * @param isDevelopment allows what the development server needs: `eval`, and style sheets without a nonce
 */
export function buildContentSecurityPolicy(nonce: string, isDevelopment = false): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    // Server-rendered markup has style attributes, which cannot load or run anything.
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

/** Headers of every web response, in addition to the policy: OWASP ASVS 5.0, chapter 3.4. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self), usb=()',
};

const IMMUTABLE_CACHE_CONTROL = 'public, max-age=31536000, immutable';

/**
 * Returns the Cache-Control header of a response. Only build files may be cached: their names contain a content hash.
 * @param path the request's path, without the query string
 */
export function getCacheControl(path: string, status: number): string {
  const isBuildFile =
    path.startsWith('/_next/static/') && (status === 200 || status === 206 || status === 304);
  return isBuildFile ? IMMUTABLE_CACHE_CONTROL : 'no-store';
}
