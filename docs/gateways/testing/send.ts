import { type Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { VerifierResponse } from '#lib/testing/verifier.ts';

export type Header = [name: string, value: string];
export type SendOptions = {
  method?: string;
  path?: string;
  /** Sent unchanged, including repeated names and their upper and lower case. */
  headers?: Header[];
  body?: string;
  /** Sends the body without its length, as `Transfer-Encoding: chunked`. */
  isChunked?: boolean;
  /** Called when the headers were sent; the rest of the body is sent when its promise resolves. */
  beforeRestOfBody?: () => Promise<unknown>;
  /** Keeps the connection open for further requests. */
  agent?: Agent;
  /** The client's IP address, such as 127.0.0.2: for a gateway, this is another client than 127.0.0.1. */
  localAddress?: string;
};

/** Groups a list of names and values, such as `rawHeaders`, into pairs. */
export function groupHeaders(rawHeaders: string[]): Header[] {
  return rawHeaders.flatMap((name, index): Header[] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}

/** Shorter than a test's timeout, so that a test that times out here still stops what it started. */
const TIMEOUT_MS = 15_000;

export const createBearerHeader = (key: string): Header => ['Authorization', `Bearer ${key}`];

function createOwnHeaders(port: number, { body = '', isChunked = false }: SendOptions): Header[] {
  const headers: Header[] = [['Host', `127.0.0.1:${port}`]];
  if (!body) return headers;
  const length = String(Buffer.byteLength(body));
  const bodyHeader: Header = isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', length];
  return [...headers, bodyHeader, ['Content-Type', 'text/plain']];
}

/** Sends one request, on a new connection unless an agent is given. */
export function send(port: number, options: SendOptions): Promise<VerifierResponse> {
  const { method = 'GET', path = '/', headers = [], body = '', localAddress } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: [...createOwnHeaders(port, options), ...headers].flat(),
      agent: options.agent ?? false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(localAddress ? { localAddress } : {}),
    });
    request.on('response', (response) => {
      const { statusCode: status = 0, headers: responseHeaders } = response;
      text(response).then(
        (received) => resolve({ status, headers: responseHeaders, body: received }),
        reject,
      );
    });
    request.on('error', reject);
    if (!options.beforeRestOfBody) {
      request.end(body);
      return;
    }
    request.write(body.slice(0, 1));
    options.beforeRestOfBody().then(() => request.end(body.slice(1)), reject);
  });
}
