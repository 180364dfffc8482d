import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type BackEnd = {
  port: number;
  /** How many requests have reached this back end: always 0 with middleware, which runs in a server of its own. */
  requestCount: number;
  close(): Promise<void>;
};

/** The back end's response: the request as it arrived. */
export type Echo = {
  method: string;
  url: string;
  account: { id: string; username: string } | null;
  /** The headers unchanged and in order, including repeated ones. */
  headers: [name: string, value: string][];
  body: string;
};

/** Starts an API that echoes every request. */
export async function startBackEnd(): Promise<BackEnd> {
  const server = createServer(async (request, response) => {
    backEnd.requestCount += 1;
    const { method = '', url = '', rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, index): Echo['headers'] =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
    );
    const { 'x-api-account-id': id, 'x-api-account': username } = request.headers;
    const account = id ? { id: String(id), username: decodeURIComponent(String(username)) } : null;
    const echo: Echo = { method, url, account, headers, body: await text(request) };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(echo));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const backEnd: BackEnd = {
    port,
    requestCount: 0,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return backEnd;
}
