import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { atScale } from '#lib/testing/scale.ts';
import { HttpServer } from './http-server.ts';
import { HEALTHY_RESPONSE } from './responses.ts';
import { VERIFIER_TIMING } from './timing.ts';

let server: HttpServer;
let port: number;
/** Completes the pending request at `/slow`. */
let release: () => void = () => {};

beforeAll(async () => {
  server = new HttpServer(({ url }, reply) => {
    if (url === '/slow') release = () => reply(HEALTHY_RESPONSE);
    else reply(HEALTHY_RESPONSE);
  });
  port = await server.listen(0, '127.0.0.1');
});
afterAll(() => server.stop());

/** Sends bytes on a new connection, and returns all that the server sends until it closes the connection. */
function exchange(...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  return text(socket);
}

const CLOSE_HEADER = 'Connection: close\r\n\r\n';
const findStatuses = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('HttpServer', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nnonsense\r\n\r\n', 400],
    ['a folded header', 'GET / HTTP/1.1\r\nX-API-Key: a\r\n b\r\nHost: x\r\n\r\n', 400],
    ['two body lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['endless headers', `GET / HTTP/1.1\r\nX-API-Key: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405],
  ])('responds to %s with problem details and closes the connection', async (_, bytes, status) => {
    const [head = '', body = ''] = (await exchange(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('Cache-Control: no-store');
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status });
  });

  it.each([
    ['no Host', `GET / HTTP/1.1\r\n${CLOSE_HEADER}`],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['Expect: 100-continue', `POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`],
    ['an unknown expectation', `POST / HTTP/1.1\r\nExpect: wonders\r\n${CLOSE_HEADER}`],
    ['an upgrade', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n'],
    ['a body', `POST / HTTP/1.1\r\nContent-Length: 100000\r\n${CLOSE_HEADER}${'x'.repeat(100_000)}`],
    [
      'a chunked body',
      `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${CLOSE_HEADER}3\r\nabc\r\n0\r\n\r\n`,
    ],
  ])('responds 200 to a request with %s', async (_, bytes) => {
    expect(findStatuses(await exchange(bytes))).toEqual([200]);
  });

  it('responds to pipelined requests in order', async () => {
    const firstTwo = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2);
    expect(findStatuses(await exchange(`${firstTwo}GET /c HTTP/1.1\r\nHost: x\r\n${CLOSE_HEADER}`))).toEqual([
      200, 200, 200,
    ]);
  });

  it('sends no response to malformed bytes behind a pending request', async () => {
    const received = exchange('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n');
    expect(await received).toBe('');
    release();
  });

  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: x\r\n', [408]],
    ['nothing', '', [408]],
    // The response does not wait for a body. The 408 says why the connection is closed.
    ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab', [200, 408]],
  ])('responds 408 to a client that sends %s too slowly', async (_, bytes, statuses) => {
    const timing = { ...VERIFIER_TIMING, requestTimeoutMs: 20, requestCheckIntervalMs: 10 };
    const impatient = new HttpServer((_request, reply) => reply(HEALTHY_RESPONSE), timing);
    const socket = connect(await impatient.listen(0, '127.0.0.1'), '127.0.0.1');
    socket.write(bytes);
    expect(findStatuses(await text(socket))).toEqual(statuses);
    await impatient.stop();
  });

  it('gives a request 10 seconds to arrive', () => {
    expect(VERIFIER_TIMING.requestTimeoutMs).toBe(10_000);
  });

  it('closes connections above its limit without a response', async () => {
    const limited = new HttpServer((_request, reply) => reply(HEALTHY_RESPONSE), VERIFIER_TIMING, 1);
    const limitedPort = await limited.listen(0, '127.0.0.1');
    const first = connect(limitedPort, '127.0.0.1');
    first.write('GET / HTTP/1.1\r\n\r\n');
    await once(first, 'data');
    const second = connect(limitedPort, '127.0.0.1');
    second.write(`GET / HTTP/1.1\r\n${CLOSE_HEADER}`);
    // The server may close it before or after the request arrives.
    expect(await text(second).catch((error: NodeJS.ErrnoException) => error.code)).toMatch(/^(ECONNRESET)?$/);
    first.destroy();
    await limited.stop();
  });

  it('responds to arbitrary bytes without an internal error, and serves the next request', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const line = fc.string({ unit: anyCharacter, maxLength: 60 });
    const request = fc
      .tuple(line, fc.array(line, { maxLength: 5 }))
      .map(([start, lines]) => `${start}\r\n${lines.join('\r\n')}\r\n\r\n`);
    const headers = fc
      .array(fc.tuple(fc.constantFrom('Authorization', 'X-API-Key', 'Content-Length', 'Connection'), line))
      .map(
        (all) => `GET / HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, request, headers), async (sent) => {
        // Ending the socket terminates the request, even if it is malformed.
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        socket.end(sent);
        const received = await text(socket).catch(() => '');
        for (const status of findStatuses(received)) expect([200, 400, 405, 431]).toContain(status);
      }),
      { numRuns: atScale({ normal: 40, soak: 1_000 }) },
    );
    expect(findStatuses(await exchange(`GET / HTTP/1.1\r\n${CLOSE_HEADER}`))).toEqual([200]);
  });
});
