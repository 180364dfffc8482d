import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { insertAccountWithKey } from '#lib/testing/verifier.ts';
import {
  createInvalidKeyResponse,
  HEADERS_TOO_LARGE_RESPONSE,
  INSUFFICIENT_SCOPE_RESPONSE,
} from '#lib/verifier/responses.ts';
import type { Echo } from './back-end.ts';
import { expectProblem } from './expect-problem.ts';
import { sendByHttp2 } from './http2.ts';
import { createBearerHeader, type Header, type SendOptions, send } from './send.ts';
import { REALM, type StartGateway, startWithVerifierStub, type TestBed } from './test-bed.ts';
import { converse } from './web-socket.ts';

/** What not every gateway can do. */
export type Feature = 'extended CONNECT' | 'forwarding' | 'HTTP/2' | 'WebSocket';

const UPLOAD_BYTES = atScale({ normal: 2_000_000, soak: 50_000_000 });
/** In the soak, longer than gateways wait for the verifier. */
const SLOW_CLIENT_MS = atScale({ normal: 0, soak: 4_000 });
const PREFLIGHT_HEADERS: Header[] = [
  ['Origin', 'https://app.example.com'],
  ['Access-Control-Request-Method', 'PUT'],
];
const [ORIGIN, REQUEST_METHOD] = PREFLIGHT_HEADERS as [Header, Header];
const UPGRADE_HEADERS: Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];
const LARGE_HEADERS: Record<string, Header[]> = {
  'three headers of 8 KB': ['A', 'B', 'C'].map((name) => [`X-Large-${name}`, 'x'.repeat(8_000)]),
  'one header of 24 KB': [['Cookie', `session=${'x'.repeat(24_000)}`]],
  '48 headers of 500 bytes': Array.from({ length: 48 }, (_, index) => [`X-Large-${index}`, 'x'.repeat(500)]),
};
/** Requests that resemble a preflight, but could change something. */
const NO_PREFLIGHTS: Record<string, SendOptions> = {
  'without Origin': { method: 'OPTIONS', headers: [REQUEST_METHOD] },
  'without Access-Control-Request-Method': { method: 'OPTIONS', headers: [ORIGIN] },
  'with a body': { method: 'OPTIONS', headers: PREFLIGHT_HEADERS, body: 'body' },
  'with a chunked body': { method: 'OPTIONS', headers: PREFLIGHT_HEADERS, body: 'body', isChunked: true },
  'with another method': { method: 'DELETE', headers: PREFLIGHT_HEADERS },
};

type TrafficCase = { title: string; needs?: Feature; run(testBed: TestBed): Promise<void> };

const parse = (body: string): Echo => JSON.parse(body);
const createAccount = async ({ pool }: TestBed) => {
  const { id, username, key } = await insertAccountWithKey(pool);
  return { account: { id, username, scopes: [] }, key, keyHeader: createBearerHeader(key) };
};

/** Sends text as it is, and returns what arrives until it matches or the connection is closed. */
async function sendText(port: number, message: string, expected: RegExp): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (text) => {
    received += text;
    if (expected.test(received)) socket.destroy();
  });
  // `once` would reject if the gateway resets the connection.
  socket.on('error', () => socket.destroy());
  socket.write(message);
  await new Promise((resolve) => socket.on('close', resolve));
  return received;
}

/** Counts the connections that it opens. */
class CountingAgent extends Agent {
  connectionCount = 0;

  override createConnection(...parameters: Parameters<Agent['createConnection']>) {
    this.connectionCount += 1;
    return super.createConnection(...parameters);
  }
}

/** Runs requests that must not reach the back end. */
async function expectNoForwarding({ backEnd }: TestBed, run: () => Promise<void>): Promise<void> {
  const before = backEnd.requestCount;
  await run();
  expect(backEnd.requestCount).toBe(before);
}

const UPLOAD_AND_HEADER_CASES: TrafficCase[] = [
  ...[false, true].map(
    (isChunked): TrafficCase => ({
      title: `forwards ${isChunked ? 'a chunked' : 'an'} upload of ${UPLOAD_BYTES / 1_000_000} MB`,
      async run(testBed) {
        const { account, keyHeader } = await createAccount(testBed);
        const body = 'x'.repeat(UPLOAD_BYTES);
        const expectContinue: Header = ['Expect', '100-continue'];
        const headers = [keyHeader, expectContinue];
        const response = await send(testBed.port, { method: 'POST', headers, body, isChunked });
        expect(response.status).toBe(200);
        const echo = parse(response.body);
        expect(echo.account).toEqual(account);
        expect(echo.body === body).toBe(true);
      },
    }),
  ),
  ...Object.entries(LARGE_HEADERS).map(
    ([name, large]): TrafficCase => ({
      title: `accepts ${name}`,
      async run(testBed) {
        const { account, keyHeader } = await createAccount(testBed);
        const response = await send(testBed.port, { headers: [...large, keyHeader] });
        expect(response.status).toBe(200);
        expect(parse(response.body).account).toEqual(account);
      },
    }),
  ),
  {
    title: 'accepts a URL of 24 KB',
    async run(testBed) {
      const { keyHeader } = await createAccount(testBed);
      const path = `/?${'x'.repeat(24_000)}`;
      const response = await send(testBed.port, { path, headers: [keyHeader] });
      expect(response.status).toBe(200);
      expect(parse(response.body).url === path).toBe(true);
    },
  },
  {
    title: 'responds with 431 to a key of 24 KB',
    async run({ port }) {
      const response = await send(port, { headers: [createBearerHeader('x'.repeat(24_000))] });
      expectProblem(response, HEADERS_TOO_LARGE_RESPONSE);
      expect(response.headers).not.toHaveProperty('retry-after');
    },
  },
];

const CONNECTION_CASES: TrafficCase[] = [
  {
    title: 'checks every request of a connection that stays open',
    async run(testBed) {
      const { keyHeader } = await createAccount(testBed);
      const agent = new CountingAgent({ keepAlive: true, maxSockets: 1 });
      const getStatus = async (headers: Header[], options: SendOptions = {}) =>
        (await send(testBed.port, { agent, headers, ...options })).status;
      try {
        expect(await getStatus([keyHeader])).toBe(200);
        expect(await getStatus([])).toBe(401);
        expect(await getStatus([keyHeader])).toBe(200);
        expect(agent.connectionCount).toBe(1);
        expect(await getStatus([], { method: 'POST', body: 'body' })).toBe(401);
        expect(await getStatus([keyHeader], { method: 'POST', body: 'body' })).toBe(200);
      } finally {
        agent.destroy();
      }
    },
  },
  ...['', 'Expect: 100-continue\r\n'].map(
    (expectation): TrafficCase => ({
      title: `rejects an upload ${expectation ? 'with Expect ' : ''}without a key before its body arrives`,
      run: (testBed) =>
        expectNoForwarding(testBed, async () => {
          const headers = `Host: 127.0.0.1\r\nContent-Length: ${UPLOAD_BYTES}\r\n${expectation}`;
          const head = `POST / HTTP/1.1\r\n${headers}\r\n`;
          const rejection = /^HTTP\/1\.1 401 /m;
          expect(await sendText(testBed.port, head, rejection)).toMatch(rejection);
        }),
    }),
  ),
  {
    title: 'opens no tunnel for CONNECT',
    async run(testBed) {
      const { keyHeader } = await createAccount(testBed);
      for (const header of ['', `${keyHeader.join(': ')}\r\n`])
        await expectNoForwarding(testBed, async () => {
          const head = `CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n${header}\r\n`;
          // A server without a listener for CONNECT closes the connection.
          expect(await sendText(testBed.port, head, /./)).toMatch(/^(HTTP\/1\.1 40[05] |$)/);
        });
    },
  },
];

const WEB_SOCKET_CASES: TrafficCase[] = [
  {
    title: 'connects a WebSocket with a key, and passes on its account',
    needs: 'WebSocket',
    async run(testBed) {
      const { account, keyHeader } = await createAccount(testBed);
      const forged: Header[] = [
        ['X-API-Account', 'forged'],
        ['X-API-Account-Id', 'forged'],
      ];
      const conversation = await converse(testBed.port, [...forged, keyHeader], 'Größe');
      expect(conversation).toEqual({ messages: [JSON.stringify({ account }), 'Größe'] });
    },
  },
  {
    title: 'responds with 401 to a WebSocket without a valid key, and closes the connection',
    needs: 'WebSocket',
    async run(testBed) {
      const { key, keyHeader } = await createAccount(testBed);
      const forged: Header = ['X-API-Account-Id', 'forged'];
      for (const headers of [[], [forged], [keyHeader, ['X-API-Key', key] as Header]]) {
        await expectNoForwarding(testBed, async () => {
          const response = await converse(testBed.port, headers, 'message');
          expect(response).toHaveProperty('status', 401);
          if ('status' in response) expectProblem(response, createInvalidKeyResponse(REALM));
        });
      }
    },
  },
  {
    title: 'responds with 403 to a WebSocket of an account without the scope of its path',
    needs: 'WebSocket',
    async run(testBed) {
      const { account, keyHeader } = await createAccount(testBed);
      const connect = () => converse(testBed.port, [keyHeader], 'message', '/orders/live');
      expect(await connect()).toEqual({ messages: [JSON.stringify({ account }), 'message'] });
      await testBed.pool.query(`update api_accounts set scopes = '{}' where id = $1`, [account.id]);
      await expectNoForwarding(testBed, async () => {
        const response = await connect();
        expect(response).toHaveProperty('status', 403);
        if ('status' in response) expectProblem(response, INSUFFICIENT_SCOPE_RESPONSE);
      });
    },
  },
  {
    title: 'does not switch to another protocol than WebSocket',
    needs: 'WebSocket',
    async run(testBed) {
      const { keyHeader } = await createAccount(testBed);
      for (const protocol of ['h2c', 'websocket, h2c', 'x']) {
        const headers: Header[] = [keyHeader, ['Connection', 'Upgrade'], ['Upgrade', protocol]];
        const { status } = await send(testBed.port, { headers });
        expect([200, 400]).toContain(status);
      }
    },
  },
  {
    title: 'does not treat a handshake as a preflight',
    needs: 'WebSocket',
    run: (testBed) =>
      expectNoForwarding(testBed, async () => {
        const headers = [...PREFLIGHT_HEADERS, ...UPGRADE_HEADERS];
        expect(await send(testBed.port, { method: 'OPTIONS', headers })).toMatchObject({ status: 401 });
      }),
  },
];

const PREFLIGHT_CASES: TrafficCase[] = [
  {
    title: 'lets a CORS preflight through without a key',
    async run({ port, backEnd }) {
      const forged: Header[] = [
        ['X-API-Account-Id', 'forged'],
        ['X_API_Account', 'forged'],
        ['X-API-Scopes', 'forged'],
        createBearerHeader('secret'),
      ];
      const headers = [...PREFLIGHT_HEADERS, ...forged];
      const response = await send(port, { method: 'OPTIONS', path: '/invoices', headers });
      expect(response).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': '*' } });
      // Middleware has no other back end.
      const [preflight] = backEnd.preflights;
      if (!preflight) return;
      expect(preflight).toMatchObject({ method: 'OPTIONS', url: '/invoices', account: null });
      expect(preflight.headers).toContainEqual(expectHeader(ORIGIN));
      expect(JSON.stringify(preflight.headers)).not.toMatch(/forged|secret/);
    },
  },
  {
    title: 'forwards the preflight to the back end',
    needs: 'forwarding',
    async run({ port, backEnd }) {
      const before = backEnd.preflights.length;
      await send(port, { method: 'OPTIONS', headers: PREFLIGHT_HEADERS });
      expect(backEnd.preflights.length).toBe(before + 1);
    },
  },
  ...Object.entries(NO_PREFLIGHTS).map(
    ([name, options]): TrafficCase => ({
      title: `does not treat a request ${name} as a preflight`,
      run: (testBed) =>
        expectNoForwarding(testBed, async () => {
          expect([401, 413]).toContain((await send(testBed.port, options)).status);
        }),
    }),
  ),
];

function expectHeader([name, value]: Header): unknown {
  return [expect.stringMatching(new RegExp(`^${name}$`, 'i')), value];
}

const HTTP2_CASES: TrafficCase[] = [
  {
    title: 'checks requests by HTTP/2, and forwards their account and body',
    needs: 'HTTP/2',
    async run(testBed) {
      const { account, key } = await createAccount(testBed);
      const port = testBed.http2Port ?? 0;
      const body = 'x'.repeat(UPLOAD_BYTES);
      const headers = { ':method': 'POST', 'x-api-account-id': 'forged', 'x-api-key': key };
      const response = await sendByHttp2(port, headers, body);
      expect(response.status).toBe(200);
      const echo = parse(response.body);
      expect(echo.account).toEqual(account);
      expect(echo.body === body).toBe(true);
      await expectNoForwarding(testBed, async () => {
        expectProblem(await sendByHttp2(port, {}), createInvalidKeyResponse(REALM));
      });
    },
  },
  {
    title: 'lets a preflight through by HTTP/2, without a body',
    needs: 'HTTP/2',
    async run(testBed) {
      const port = testBed.http2Port ?? 0;
      const preflight = {
        ':method': 'OPTIONS',
        origin: 'https://app.example.com',
        'access-control-request-method': 'PUT',
      };
      expect(await sendByHttp2(port, preflight)).toMatchObject({ status: 204 });
      await expectNoForwarding(testBed, async () => {
        const withLength = { ...preflight, 'content-length': '4' };
        expect(await sendByHttp2(port, withLength, 'body')).toMatchObject({ status: 401 });
      });
    },
  },
  {
    title: 'checks a WebSocket by HTTP/2 (extended CONNECT)',
    needs: 'extended CONNECT',
    async run(testBed) {
      const { key } = await createAccount(testBed);
      const headers = { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/' };
      const withVersion = { ...headers, 'sec-websocket-version': '13' };
      const port = testBed.http2Port ?? 0;
      await expectNoForwarding(testBed, async () => {
        expect(await sendByHttp2(port, withVersion)).toMatchObject({ status: 401 });
      });
      expect(await sendByHttp2(port, { ...withVersion, 'x-api-key': key })).toMatchObject({ status: 200 });
    },
  },
];

/** Runs last, because its requests may still arrive at the back end afterwards. */
const DISCONNECTION_CASE: TrafficCase = {
  title: 'survives clients that disconnect during a handshake, and invalid frames',
  needs: 'WebSocket',
  async run(testBed) {
    const { keyHeader } = await createAccount(testBed);
    const headers = [['Host', '127.0.0.1'], keyHeader, ...UPGRADE_HEADERS].map((header) => header.join(': '));
    const handshake = `GET / HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
    for (let count = 0; count < 5; count += 1) {
      const socket = connect(testBed.port, '127.0.0.1');
      await new Promise((resolve) => socket.write(handshake, resolve));
      socket.resetAndDestroy();
    }
    const accepted = /^HTTP\/1\.1 101 /;
    expect(await sendText(testBed.port, `${handshake}invalid frames`, accepted)).toMatch(accepted);
    expect((await send(testBed.port, { headers: [keyHeader] })).status).toBe(200);
  },
};

const CASES = [
  ...UPLOAD_AND_HEADER_CASES,
  ...CONNECTION_CASES,
  ...WEB_SOCKET_CASES,
  ...PREFLIGHT_CASES,
  ...HTTP2_CASES,
  DISCONNECTION_CASE,
];

/** Defines the tests of what a gateway sends the verifier, and when. */
function testVerifierRequests(start: StartGateway): void {
  let testBed: Awaited<ReturnType<typeof startWithVerifierStub>>;
  beforeAll(async () => {
    testBed = await startWithVerifierStub(start);
  });
  afterAll(() => testBed?.close());

  it('sends the verifier only the credential and the client’s IP address', async () => {
    const { port, verifier } = testBed;
    const others: Header[] = [
      ['Cookie', 'private'],
      ['User-Agent', 'private'],
      ['Referer', 'https://private.example.com'],
      ['Accept-Language', 'private'],
      ['X-Other', 'private'],
      ...PREFLIGHT_HEADERS,
    ];
    for (const credential of [createBearerHeader('key'), ['X-API-Key', 'key'] as Header]) {
      verifier.requests.length = 0;
      const headers = [...others, credential];
      const options = { method: 'POST', path: '/private?scope=private', headers, body: 'private' };
      expect((await send(port, options)).status).toBe(200);
      expect(verifier.requests).toHaveLength(1);
      const [request] = verifier.requests;
      expect(request?.headers).toContainEqual(expectHeader(credential));
      expect(request).toMatchObject({ method: 'GET', body: '' });
      expect(request?.url).toMatch(/^\/verify\??$/);
      expect(JSON.stringify(request)).not.toMatch(/private|app\.example\.com/);
    }
  });

  it('sends the verifier the scope of the path, and not what the client sends', async () => {
    const { port, verifier } = testBed;
    verifier.requests.length = 0;
    const path = '/orders/7?scope=private&test=true';
    expect((await send(port, { path, headers: [createBearerHeader('key')] })).status).toBe(200);
    expect(verifier.requests.map(({ url }) => decodeURIComponent(url))).toEqual([
      '/verify?scope=orders:read',
    ]);
  });

  it('checks the key of a slow client while its body arrives', async () => {
    const { port, verifier } = testBed;
    const response = await send(port, {
      method: 'POST',
      headers: [createBearerHeader('key')],
      body: 'body',
      async beforeRestOfBody() {
        await verifier.waitForRequest();
        await delay(SLOW_CLIENT_MS);
      },
    });
    expect(response.status).toBe(200);
    expect(parse(response.body).body).toBe('body');
  });
}

/**
 * Defines the tests with unusual requests, which every gateway must pass.
 * @param without what the gateway cannot do, each with the reason; its cases are not tested
 */
export function testTraffic(
  testBed: () => TestBed,
  start: StartGateway,
  without: Partial<Record<Feature, string>>,
): void {
  const cases = CASES.filter(({ needs }) => !(needs && without[needs]));
  it.each(cases)('$title', ({ run }) => run(testBed()));
  describe('with a stub of the verifier', () => testVerifierRequests(start));
}
