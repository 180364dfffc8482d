import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { groupHeaders, type Header } from './send.ts';

export type BackEnd = {
  port: number;
  /** How many requests have reached this back end: always 0 with middleware, which runs in a server of its own. */
  requestCount: number;
  /** The CORS preflights among them. */
  preflights: Echo[];
  close(): Promise<void>;
};

/** The back end's response: the request as it arrived. */
export type Echo = {
  method: string;
  url: string;
  account: { id: string; username: string; scopes: string[] } | null;
  /** The headers unchanged and in order, including repeated ones. */
  headers: Header[];
  body: string;
};

function readAccount({ headers }: IncomingMessage): Echo['account'] {
  const { 'x-api-account-id': id, 'x-api-account': username, 'x-api-scopes': scopes } = headers;
  if (!id) return null;
  return {
    id: String(id),
    username: decodeURIComponent(String(username)),
    scopes: String(scopes ?? '').match(/[^ ]+/g) ?? [],
  };
}

/** Starts an API that echoes every request and every WebSocket message, and responds to CORS preflights. */
export async function startBackEnd(): Promise<BackEnd> {
  const server = createServer({ maxHeaderSize: 131_072 }, async (request, response) => {
    backEnd.requestCount += 1;
    const { method = '', url = '', rawHeaders } = request;
    const headers = groupHeaders(rawHeaders);
    const account = readAccount(request);
    const echo: Echo = { method, url, account, headers, body: await text(request) };
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (method === 'OPTIONS') {
      backEnd.preflights.push(echo);
      response.writeHead(204).end();
    } else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(echo));
  });
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    backEnd.requestCount += 1;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.on('message', (message) => webSocket.send(String(message)));
      webSocket.send(JSON.stringify({ account: readAccount(request) }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const backEnd: BackEnd = {
    port,
    requestCount: 0,
    preflights: [],
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const webSocket of webSockets.clients) webSocket.terminate();
      await closed;
    },
  };
  return backEnd;
}
