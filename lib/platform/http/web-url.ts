/**
 * Reports whether a host name or address means this machine: `localhost`, 127.0.0.0/8 or ::1.
 * @param host as `URL.hostname` has it, or an IPv6 address without brackets
 */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/.test(host);
}

/** Whether this is the address of a server that is spoken to over TLS, or runs on this machine. */
export function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** One URL, whether it was written with a slash at its end or not. */
export const withoutSlash = (url: string) => url.replace(/\/$/, '');
