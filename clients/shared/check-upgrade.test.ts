import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkUpgrade } from './check-upgrade.ts';
import type { ApiAccount } from './verify.ts';

const ACCOUNT = { id: 'a1', username: 'x', scopes: [] };

/** A verifier that accepts the key `valid`, and fails with 500 for all others. */
const verifier = createServer((request, response) => {
  if (request.headers['x-api-key'] !== 'valid') return response.writeHead(500).end();
  const body = JSON.stringify({ account: { id: 'a1', username: 'x' }, scopes: [] });
  return response.writeHead(200, { 'X-API-Account-Id': 'a1' }).end(body);
});
const api = createServer();
type Accepted = { request: IncomingMessage; account: ApiAccount };
let accepted: Accepted[] = [];

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  await listen(api);
  const port = await listen(verifier);
  api.on('upgrade', async (request, socket) => {
    vi.stubEnv('STAGEDOOR_VERIFIER', `http://127.0.0.1:${port}/verify`);
    const account = await checkUpgrade(request, socket);
    if (!account) return;
    accepted.push({ request, account });
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
});
afterAll(() => {
  for (const server of [api, verifier]) {
    server.close();
    server.closeAllConnections();
  }
});

/** Sends a WebSocket handshake with a key and forged headers, and returns everything that the server sends. */
function sendHandshake(key: string): Promise<string> {
  accepted = [];
  const socket = connect((api.address() as AddressInfo).port, '127.0.0.1');
  const lines = [
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `X-API-Key: ${key}`,
    'X-API-Account: forged',
    'X_API_Account_Id: forged',
    'X-API-Scopes: forged',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
}

describe('checkUpgrade', () => {
  it('returns the account, and removes account headers that the client sent', async () => {
    expect(await sendHandshake('valid')).toMatch(/^HTTP\/1\.1 101 /);
    expect(accepted).toMatchObject([{ account: ACCOUNT }]);
    const [
      {
        request: { headers, headersDistinct },
      },
    ] = accepted as [Accepted];
    expect(headers).toHaveProperty('x-api-key', 'valid');
    expect(JSON.stringify([headers, headersDistinct])).not.toMatch(/forged|scopes|account/i);
  });

  it('responds with 503 and closes the connection if the verifier fails', async () => {
    const response = await sendHandshake('other');
    expect(response).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nConnection: close\r\n/);
    expect(response).toContain('"code":"unavailable"');
    expect(accepted).toEqual([]);
  });
});
