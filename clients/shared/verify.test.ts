import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Verification, verify } from './verify.ts';

const ACCOUNT = { id: 'a1', username: 'Théâtre' };
const BODY = JSON.stringify({ account: { ...ACCOUNT, other: true }, key: {}, scopes: ['orders:read'] });
const HEADERS = {
  'X-API-Account-Id': 'a1',
  RateLimit: '"minute";r=1;t=9',
  'Set-Cookie': 'a=b',
  'X-Other': 'x',
};

/** Responses that are not the verifier's decision: each must be treated as if the verifier were down. */
const UNEXPECTED: Record<string, RequestListener> = {
  'a 500': (_request, response) => response.writeHead(500, HEADERS).end(BODY),
  'a 502': (_request, response) => response.writeHead(502, HEADERS).end(BODY),
  'a 504': (_request, response) => response.writeHead(504, HEADERS).end(BODY),
  'a 204': (_request, response) => response.writeHead(204, HEADERS).end(),
  'a 400': (_request, response) => response.writeHead(400).end('{}'),
  'a redirect': (_request, response) => response.writeHead(302, { Location: '/other' }).end(),
  'a 200 without the account’s header': (_request, response) => response.writeHead(200).end(BODY),
  'a 200 with another account’s header': (_request, response) =>
    response.writeHead(200, { 'X-API-Account-Id': 'a2' }).end(BODY),
  'a 200 with a page': (_request, response) => response.writeHead(200, HEADERS).end('<html>'),
  'a 200 without an account': (_request, response) => response.writeHead(200, HEADERS).end('{"scopes":[]}'),
  'a 200 without scopes': (_request, response) =>
    response.writeHead(200, HEADERS).end(JSON.stringify({ account: ACCOUNT })),
  'a body that breaks off': (_request, response) => {
    response.writeHead(200, { ...HEADERS, 'Content-Length': BODY.length + 1 });
    response.write(BODY, () => response.destroy());
  },
  'a closed connection': (_request, response) => response.destroy(),
};
/** A verifier that is too slow: it never responds, or never completes its response. */
const SLOW: Record<string, RequestListener> = {
  'no response': () => {},
  'headers only': (_request, response) => response.writeHead(200, HEADERS).flushHeaders(),
};

let server: Server;
let requests: IncomingMessage[];
let respond: RequestListener;

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('STAGEDOOR_VERIFIER', `http://127.0.0.1:${(server.address() as AddressInfo).port}/verify`);
});
afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

async function expectUnavailable(verification: Verification): Promise<void> {
  if (verification.isAllowed) throw new Error('The request was allowed.');
  const { status, headers } = verification.response;
  expect(status).toBe(503);
  expect(Object.fromEntries(headers)).toEqual({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': '1',
  });
  expect(await verification.response.json()).toMatchObject({ status: 503, code: 'unavailable' });
}

describe('verify', () => {
  it('returns the account of a valid key, and only the headers of its rate limit', async () => {
    respond = (_request, response) => response.writeHead(200, HEADERS).end(BODY);
    const verification = await verify({ Authorization: 'Bearer key', 'X-API-Key': undefined });
    if (!verification.isAllowed) throw new Error('The request was rejected.');
    expect(verification.account).toEqual({ ...ACCOUNT, scopes: ['orders:read'] });
    expect([...verification.headers]).toEqual([['ratelimit', HEADERS.RateLimit]]);
    expect(requests[0]).toMatchObject({ url: '/verify', headers: { authorization: 'Bearer key' } });
    expect(requests[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it('requires a scope, encoded', async () => {
    respond = (_request, response) => response.writeHead(200, HEADERS).end(BODY);
    await verify({}, 'orders:read&scope=');
    const { searchParams } = new URL(requests[0]?.url ?? '', 'http://verifier');
    expect([...searchParams]).toEqual([['scope', 'orders:read&scope=']]);
  });

  it.each([401, 403, 429, 431, 503])(
    'returns the verifier’s %i without its other headers',
    async (status) => {
      const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '7', 'Set-Cookie': 'a=b' };
      respond = (_request, response) => response.writeHead(status, headers).end('{"code":"x"}');
      const verification = await verify({});
      if (verification.isAllowed) throw new Error('The request was allowed.');
      expect(verification.response.status).toBe(status);
      expect([...verification.response.headers.keys()]).toEqual(['content-type', 'retry-after']);
      expect(await verification.response.text()).toBe('{"code":"x"}');
    },
  );

  it.each(Object.keys(UNEXPECTED))('returns 503 for %s', async (name) => {
    respond = UNEXPECTED[name] as RequestListener;
    await expectUnavailable(await verify({ Authorization: 'Bearer key' }));
    expect(requests).toHaveLength(1);
  });

  it.each(Object.keys(SLOW))('returns 503 after the timeout with %s', async (name) => {
    respond = SLOW[name] as RequestListener;
    await expectUnavailable(await verify({ Authorization: 'Bearer key' }, undefined, { timeoutMs: 50 }));
    expect(requests).toHaveLength(1);
  });

  it('returns 503 if the address is not a URL', async () => {
    vi.stubEnv('STAGEDOOR_VERIFIER', 'verifier:3001:verify');
    await expectUnavailable(await verify({ Authorization: 'Bearer key' }));
  });
});
