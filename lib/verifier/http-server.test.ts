import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { HttpServer } from './http-server.ts';
import { HEALTHY } from './responses.ts';

let server: HttpServer;
let port: number;
/** Lets the requests at `/slow` be answered. */
let release: () => void = () => {};

beforeAll(async () => {
  server = new HttpServer(({ url }, reply) => {
    if (url === '/slow') release = () => reply(HEALTHY);
    else reply(HEALTHY);
  });
  port = await server.listen(0, '127.0.0.1');
});
afterAll(() => server.stop());

/** Sends bytes on a connection, and reads until the server ends it. */
function converse(...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  return text(socket);
}

const LAST = 'Connection: close\r\n\r\n';
const statuses = (said: string) =>
  [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('the HTTP server', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nnonsense\r\n\r\n', 400],
    ['a header folded', 'GET / HTTP/1.1\r\nX-API-Key: a\r\n b\r\nHost: x\r\n\r\n', 400],
    ['both lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['headers without end', `GET / HTTP/1.1\r\nX-API-Key: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405],
  ])('refuses %s with a problem of its own, and hangs up', async (_, bytes, status) => {
    const [head = '', body = ''] = (await converse(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('Cache-Control: no-store');
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status });
  });

  it.each([
    ['no Host', `GET / HTTP/1.1\r\n${LAST}`],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['an expectation of 100', `POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`],
    ['another expectation', `POST / HTTP/1.1\r\nExpect: wonders\r\n${LAST}`],
    ['an upgrade', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n'],
    ['a body', `POST / HTTP/1.1\r\nContent-Length: 100000\r\n${LAST}${'x'.repeat(100_000)}`],
    ['a body in chunks', `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${LAST}3\r\nabc\r\n0\r\n\r\n`],
  ])('answers a request with %s', async (_, bytes) => {
    expect(statuses(await converse(bytes))).toEqual([200]);
  });

  it('answers requests that come all at once, each in its turn', async () => {
    const three = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2);
    expect(statuses(await converse(`${three}GET /c HTTP/1.1\r\nHost: x\r\n${LAST}`))).toEqual([
      200, 200, 200,
    ]);
  });

  it('gives no answer out of turn to what is malformed behind a request under way', async () => {
    const said = converse('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n');
    expect(await said).toBe('');
    release();
  });

  it('survives any bytes, and never answers them with an error of its own', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const line = fc.string({ unit: 'binary', maxLength: 60 });
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
        // What stands behind is an end for whatever went before, well-formed or not.
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        socket.end(sent);
        const said = await text(socket).catch(() => '');
        for (const status of statuses(said)) expect([200, 400, 405, 431]).toContain(status);
      }),
      { numRuns: atScale({ normal: 100, soak: 1_000 }) },
    );
    expect(statuses(await converse(`GET / HTTP/1.1\r\n${LAST}`))).toEqual([200]);
  }, 120_000);
});
