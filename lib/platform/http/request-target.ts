/** The absolute form of a request target (RFC 9112, section 3.2.2), which some clients send without a proxy. */
const ABSOLUTE_FORM = /^https?:\/\/(?:[^/?#]*@)?([^/?#@]+)([^#]*)/i;

/**
 * Returns a request target in origin form, with the host if the target names one: `http://host/verify` becomes
 * `/verify`.
 */
export function parseRequestTarget(target: string): { path: string; host: string | undefined } {
  const [, host, path = ''] = ABSOLUTE_FORM.exec(target) ?? [];
  if (host === undefined) return { path: target, host };
  return { path: path.startsWith('/') ? path : `/${path}`, host };
}
