import type { IncomingMessage } from 'node:http';

/** Also in the spellings that PHP, WSGI and similar interfaces treat as the same header. */
const ACCOUNT_HEADER = /^x[^a-z0-9]api[^a-z0-9](account([^a-z0-9]id)?|scopes)$/i;

/**
 * Removes `X-API-Account`, `X-API-Account-Id` and `X-API-Scopes` from a request. Only a gateway may set these headers, so
 * a request that reaches the middleware has them from the client. `rawHeaders` stays as it was received, because Node.js
 * relies on its length.
 */
export function dropAccountHeaders(request: Pick<IncomingMessage, 'headers' | 'headersDistinct'>): void {
  for (const name of Object.keys(request.headers)) {
    if (!ACCOUNT_HEADER.test(name)) continue;
    delete request.headers[name];
    delete request.headersDistinct[name];
  }
}

/** Does the same for the headers of the Fetch API. */
export function dropFetchAccountHeaders(headers: Headers): void {
  for (const name of [...headers.keys()]) if (ACCOUNT_HEADER.test(name)) headers.delete(name);
}
