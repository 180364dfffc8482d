import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, ConnectionError, StagedoorClient } from './client.ts';

type Received = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
type Respond = (response: ServerResponse, request: Received, index: number) => void;

const TOKEN = 'stagetok-only-for-tests';
const ACCOUNT = { id: '0199', username: 'x', version: 3 };
const ENDPOINT = { id: '1', version: 2 };

let requests: Received[];
let respond: Respond;
const server = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request;
  const received = { method, url, headers, body: await text(request) };
  requests.push(received);
  respond(response, received, requests.length - 1);
});
let client: StagedoorClient;
let origin: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  requests = [];
  client = new StagedoorClient({ url: `${origin}/`, token: TOKEN, retryDelayMs: 1, timeoutMs: 5_000 });
});

const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) => response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
const sendProblem = (
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
) =>
  sendJson(
    response,
    status,
    { type: 'urn:x', title: 'X', status, code },
    {
      'Content-Type': 'application/problem+json',
      ...headers,
    },
  );
const dropConnection: Respond = (response) => response.destroy();

/** Every operation, with the method that it uses. */
const OPERATIONS: Record<string, () => Promise<unknown>> = {
  GET: () => client.apiAccounts.get('0199'),
  POST: () => client.apiAccounts.create({ username: 'x', email: 'x@example.com', phone: '+44' }),
  PATCH: () => client.apiAccounts.update(ACCOUNT, { active: false }),
  DELETE: () => client.apiAccounts.delete('0199'),
};

describe('requests', () => {
  it('carry the access token, and what the operation needs', async () => {
    respond = (response, { method }) =>
      method === 'DELETE' ? response.writeHead(204).end() : sendJson(response, 200, ACCOUNT);
    expect(await client.apiAccounts.get('a/../b')).toEqual(ACCOUNT);
    await client.apiAccounts.update(ACCOUNT, { active: false });
    await client.apiAccounts.resetKey('0199', { oldKey: { hours: 24 } });
    expect(await client.apiAccounts.delete('0199')).toBeUndefined();
    await client.apiAccounts.usage('0199');
    await client.apiAccounts.deliveries('0199');
    await client.apiAccounts.resend('0199', { message: 'sms' });
    expect(requests).toMatchObject([
      {
        method: 'GET',
        url: '/api/v1/api-accounts/a%2F..%2Fb',
        headers: { authorization: `Bearer ${TOKEN}` },
      },
      { method: 'PATCH', headers: { 'if-match': '"3"' }, body: '{"active":false}' },
      { method: 'POST', url: '/api/v1/api-accounts/0199/reset-key', body: '{"oldKey":{"hours":24}}' },
      { method: 'DELETE', url: '/api/v1/api-accounts/0199', body: '' },
      { method: 'GET', url: '/api/v1/api-accounts/0199/usage' },
      { method: 'GET', url: '/api/v1/api-accounts/0199/deliveries' },
      { method: 'POST', url: '/api/v1/api-accounts/0199/resend', body: '{"message":"sms"}' },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('manage webhook endpoints and their deliveries', async () => {
    respond = (response, { method, url }) => {
      if (method === 'DELETE') response.writeHead(204).end();
      else if (/webhook-endpoints$|deliveries\?/.test(url) && method === 'GET')
        sendJson(response, 200, { data: [ENDPOINT], nextCursor: null });
      else sendJson(response, 200, ENDPOINT);
    };
    const { webhookEndpoints, webhookDeliveries } = client;
    const body = { url: 'https://crm.example.com/', eventTypes: ['api_key.reset' as const] };
    expect(await webhookEndpoints.list()).toEqual([ENDPOINT]);
    await webhookEndpoints.get('1');
    await webhookEndpoints.create(body);
    await webhookEndpoints.update(ENDPOINT, { enabled: false });
    await webhookEndpoints.rotateSecret('1', { hours: 0 });
    await webhookEndpoints.sendTestEvent('1');
    for await (const delivery of webhookEndpoints.deliveries('1', { state: 'failed' }))
      expect(delivery).toEqual(ENDPOINT);
    await webhookDeliveries.get('2');
    await webhookDeliveries.redeliver('2');
    await webhookEndpoints.delete('1');
    const [endpoints, deliveries] = ['/api/v1/webhook-endpoints', '/api/v1/webhook-deliveries'];
    expect(requests).toMatchObject([
      { method: 'GET', url: endpoints },
      { method: 'GET', url: `${endpoints}/1` },
      { method: 'POST', url: endpoints, body: JSON.stringify(body) },
      { method: 'PATCH', headers: { 'if-match': '"2"' }, body: '{"enabled":false}' },
      { method: 'POST', url: `${endpoints}/1/rotate-secret`, body: '{"hours":0}' },
      { method: 'POST', url: `${endpoints}/1/test`, body: '' },
      { method: 'GET', url: `${endpoints}/1/deliveries?state=failed` },
      { method: 'GET', url: `${deliveries}/2` },
      { method: 'POST', url: `${deliveries}/2/redeliver` },
      { method: 'DELETE', url: `${endpoints}/1` },
    ]);
  });

  it('do not leave out an empty id, which would make another path', async () => {
    await expect(client.apiAccounts.delete('')).rejects.toThrow('The parameter id');
    expect(requests).toEqual([]);
  });

  it('have an Idempotency-Key if they are a POST: a random one, or the caller’s', async () => {
    respond = (response) => sendJson(response, 201, ACCOUNT);
    const account = { username: 'x', email: 'x@example.com', phone: '+44' };
    await client.apiAccounts.create(account);
    await client.apiAccounts.create(account);
    await client.apiAccounts.create(account, { idempotencyKey: 'order-7' });
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe('order-7');
  });

  it('report if an earlier response was returned', async () => {
    respond = (response, _, index) =>
      sendJson(response, 201, ACCOUNT, index === 0 ? {} : { 'Idempotent-Replayed': 'true' });
    let replays = 0;
    const onReplay = () => {
      replays += 1;
    };
    for (const expected of [0, 1]) {
      await client.apiAccounts.resetKey('0199', {}, { idempotencyKey: 'a', onReplay });
      expect(replays).toBe(expected);
    }
  });

  it('are not sent to another address by a redirect', async () => {
    respond = (response) => response.writeHead(308, { Location: 'https://other.example.com/' }).end();
    await expect(client.apiAccounts.get('0199')).rejects.toThrow('redirects to https://other.example.com/');
    expect(requests).toHaveLength(1);
  });
});

describe('retries', () => {
  it.each([
    ['GET', 'its response is lost', true],
    ['POST', 'its response is lost', true],
    ['PATCH', 'its response is lost', false],
    ['DELETE', 'its response is lost', false],
    ['GET', 503, true],
    ['POST', 503, true],
    ['PATCH', 503, false],
    ['DELETE', 503, false],
    ['GET', 429, true],
    ['POST', 429, true],
    ['PATCH', 429, true],
    ['DELETE', 429, true],
    ['GET', 500, false],
    ['POST', 422, false],
  ])('a %s after %s: %s', async (method, failure, isRepeated) => {
    const succeed = (response: ServerResponse) => sendJson(response, 200, ACCOUNT);
    respond = (response, request, index) => {
      if (index > 0) succeed(response);
      else if (typeof failure === 'string') dropConnection(response, request, index);
      else sendProblem(response, failure, 'x');
    };
    const outcome = await OPERATIONS[method]?.().then(
      () => 'done',
      (error) => error.name,
    );
    const failed = typeof failure === 'string' ? 'ConnectionError' : 'ApiError';
    expect(outcome).toBe(isRepeated ? 'done' : failed);
    expect(requests).toHaveLength(isRepeated ? 2 : 1);
  });

  it('send the same Idempotency-Key and body again', async () => {
    respond = (response, request, index) =>
      index < 2 ? dropConnection(response, request, index) : sendJson(response, 201, ACCOUNT);
    await OPERATIONS.POST?.();
    expect(requests).toHaveLength(3);
    const sent = requests.map(({ headers, body }) => [headers['idempotency-key'], body]);
    expect(new Set(sent.map((each) => each.join()))).toHaveProperty('size', 1);
  });

  it('stop after the maximum, and throw the last error', async () => {
    respond = (response) => sendProblem(response, 503, 'unavailable');
    await expect(OPERATIONS.GET?.()).rejects.toMatchObject({ status: 503, code: 'unavailable' });
    expect(requests).toHaveLength(3);
  });

  it('wait as long as Retry-After says, and not at all if that is more than a minute', async () => {
    respond = (response, _request, index) =>
      index === 0
        ? sendProblem(response, 429, 'x', { 'Retry-After': '0' })
        : sendJson(response, 200, ACCOUNT);
    const slow = new StagedoorClient({ url: origin, token: TOKEN, retryDelayMs: 60_000 });
    await slow.apiAccounts.get('0199');
    expect(requests).toHaveLength(2);
    respond = (response) => sendProblem(response, 429, 'x', { 'Retry-After': '61' });
    await expect(slow.apiAccounts.get('0199')).rejects.toMatchObject({ status: 429, retryAfterSeconds: 61 });
    expect(requests).toHaveLength(3);
  });

  it('end if the caller aborts', async () => {
    const controller = new AbortController();
    respond = (response) => {
      sendProblem(response, 503, 'unavailable', { 'Retry-After': '60' });
      setImmediate(() => controller.abort(new Error('stopped')));
    };
    await expect(client.apiAccounts.get('0199', { signal: controller.signal })).rejects.toThrow('stopped');
    expect(requests).toHaveLength(1);
  });
});

describe('errors', () => {
  it('have the problem details, with the fields, and the id of the request', async () => {
    const errors = [{ detail: 'Enter an email address.', pointer: '#/email' }];
    respond = (response) =>
      sendJson(
        response,
        422,
        { title: 'Some fields are invalid', status: 422, code: 'invalid', errors },
        {
          'Content-Type': 'application/problem+json; charset=utf-8',
          'X-Request-Id': 'r1',
        },
      );
    const error = await client.apiAccounts.resetKey('0199').catch((caught) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, code: 'invalid', errors, requestId: 'r1' });
    expect(error.message).toBe('Some fields are invalid\nemail: Enter an email address.');
  });

  it('have the code `unknown` if the response is from a proxy', async () => {
    respond = (response) => response.writeHead(413, { 'Content-Type': 'text/html' }).end('<html>');
    await expect(OPERATIONS.POST?.()).rejects.toMatchObject({ status: 413, code: 'unknown' });
    respond = (response) => response.writeHead(400, { 'Content-Type': 'application/problem+json' }).end('{');
    await expect(OPERATIONS.POST?.()).rejects.toMatchObject({ status: 400, code: 'unknown' });
  });

  it('are a ConnectionError if the server is too slow, or its body is not JSON', async () => {
    const impatient = new StagedoorClient({ url: origin, token: TOKEN, timeoutMs: 50, maxRetries: 0 });
    respond = () => {};
    const slow = await impatient.apiAccounts.get('0199').catch((caught) => caught);
    expect(slow).toBeInstanceOf(ConnectionError);
    expect(slow.message).toBe(`There is no usable response from ${origin}: it takes too long.`);
    respond = (response) => response.writeHead(200).end('<html>');
    await expect(impatient.apiAccounts.get('0199')).rejects.toBeInstanceOf(ConnectionError);
  });

  it('do not contain the access token, and neither does the client', async () => {
    respond = (response) => sendProblem(response, 401, 'invalid_token');
    const error = await client.apiAccounts.get('0199').catch((caught) => caught);
    expect(inspect([error, client], { depth: 10, showHidden: true })).not.toContain(TOKEN);
  });
});

describe('lists', () => {
  const respondWithPages: Respond = (response, { url }) => {
    const cursor = Number(new URL(url, origin).searchParams.get('cursor') ?? 0);
    const nextCursor = cursor < 2 ? String(cursor + 1) : null;
    sendJson(response, 200, { data: [{ id: `${cursor}a` }, { id: `${cursor}b` }], nextCursor });
  };

  it('iterate over all pages, with the filter', async () => {
    respond = respondWithPages;
    const ids: string[] = [];
    for await (const { id } of client.apiAccounts.list({ search: 'Ä&b', limit: 2 })) ids.push(id);
    expect(ids).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
    const queries = requests.map(({ url }) => Object.fromEntries(new URL(url, origin).searchParams));
    const filter = { search: 'Ä&b', limit: '2' };
    expect(queries).toEqual([filter, { ...filter, cursor: '1' }, { ...filter, cursor: '2' }]);
  });

  it('read no further page if the loop ends earlier', async () => {
    respond = respondWithPages;
    for await (const { id } of client.auditEvents.list()) if (id === '0b') break;
    expect(requests.map(({ url }) => url)).toEqual(['/api/v1/audit-events']);
  });

  it('end if the server returns the same cursor twice', async () => {
    respond = (response) => sendJson(response, 200, { data: [], nextCursor: 'same' });
    const read = async () => {
      for await (const account of client.apiAccounts.list()) expect(account).toBeUndefined();
    };
    await expect(read()).rejects.toThrow('same cursor twice');
    expect(requests).toHaveLength(2);
  });
});
