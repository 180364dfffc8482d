/** This machine itself, as a URL writes it. */
export const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether this is the address of a server that is spoken to over TLS, or runs on this machine. */
export function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
}

/** One URL, whether it was written with a slash at its end or not. */
export const withoutSlash = (url: string) => url.replace(/\/$/, '');
