/**
 * Reports whether a host name or IP address is this machine's loopback: `localhost`, 127.0.0.0/8 or ::1.
 * @param host in the form of `URL.hostname`, or an IPv6 address without brackets
 */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/.test(host);
}

/** Reports whether a text is an HTTPS URL, or an HTTP URL of this machine, without credentials, query and fragment. */
export function isHttpsOrLoopbackUrl(text: string): boolean {
  return isPageUrl(text) && isServiceUrl(text);
}

/** Reports whether a text is an HTTPS URL, or an HTTP URL of this machine, without credentials: a page people may open. */
export function isPageUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** Reports whether a text is an HTTP or HTTPS URL without credentials, query and fragment. */
export function isServiceUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || url.protocol === 'http:';
}

/** Builds the URL at which this machine reaches a service that listens on `host`, without a path. */
export function buildLocalUrl(host: string, port: number): string {
  const target = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${target.includes(':') ? `[${target}]` : target}:${port}`;
}

/** Removes a trailing slash, so that both forms of a URL compare as equal. */
export const removeTrailingSlash = (url: string) => url.replace(/\/$/, '');
