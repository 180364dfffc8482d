import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { VerifierResponse } from '#lib/testing/verifier.ts';

export type Header = [name: string, value: string];
export type SendOptions = {
  method?: string;
  path?: string;
  /** Sent unchanged, including repeated names and their upper and lower case. */
  headers?: Header[];
  body?: string;
  /** The client's IP address, such as 127.0.0.2: for a gateway, this is another client than 127.0.0.1. */
  localAddress?: string;
};

/** Shorter than a test's timeout, so that a test that times out here still stops what it started. */
const TIMEOUT_MS = 15_000;

export const createBearerHeader = (key: string): Header => ['Authorization', `Bearer ${key}`];

/** Sends one request on a new connection. */
export function send(
  port: number,
  { method = 'GET', path = '/', headers = [], body = '', localAddress }: SendOptions,
): Promise<VerifierResponse> {
  const ownHeaders: Header[] = [['Host', `127.0.0.1:${port}`]];
  if (body)
    ownHeaders.push(['Content-Length', String(Buffer.byteLength(body))], ['Content-Type', 'text/plain']);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: [...ownHeaders, ...headers].flat(),
      agent: false,
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
    request.end(body);
  });
}
