/**
 * Reports whether a host name or IP address is this machine's loopback: `localhost`, 127.0.0.0/8 or ::1.
 * @param host in the form of `URL.hostname`, or an IPv6 address without brackets
 */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/.test(host);
}

/** Reports whether a text is an HTTPS URL, or an HTTP URL of this machine, without credentials, query and fragment. */
export function isHttpsOrLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** Removes a trailing slash, so that both forms of a URL compare as equal. */
export const removeTrailingSlash = (url: string) => url.replace(/\/$/, '');
