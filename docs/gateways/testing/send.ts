import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Got } from '#lib/testing/verifying.ts';

export type Header = [name: string, value: string];
export type Sent = {
  method?: string;
  path?: string;
  /** As they are: repeated ones, and any spelling. */
  headers?: Header[];
  body?: string;
  /** Of this machine: 127.0.0.2 is another client than 127.0.0.1. */
  from?: string;
};

/** Less than a test has, so that one that fails by it still stops what it started. */
const LONGEST_MS = 15_000;

export const bearer = (key: string): Header => ['Authorization', `Bearer ${key}`];

/** Sends one request on a connection of its own. */
export function send(
  port: number,
  { method = 'GET', path = '/', headers = [], ...sent }: Sent,
): Promise<Got> {
  const { body = '', from } = sent;
  const own: Header[] = [['Host', `127.0.0.1:${port}`]];
  if (body) own.push(['Content-Length', String(Buffer.byteLength(body))], ['Content-Type', 'text/plain']);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: [...own, ...headers].flat(),
      agent: false,
      signal: AbortSignal.timeout(LONGEST_MS),
      ...(from ? { localAddress: from } : {}),
    });
    request.on('response', (response) => {
      const { statusCode: status = 0, headers: said } = response;
      text(response).then((got) => resolve({ status, headers: said, body: got }), reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
