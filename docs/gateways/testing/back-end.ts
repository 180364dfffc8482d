import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type BackEnd = {
  port: number;
  /** How many requests have come through. */
  asked: number;
  close(): Promise<void>;
};

/** What the back end says of a request that reached it. */
export type Echo = {
  method: string;
  url: string;
  account: { id: string; username: string } | null;
  /** As they came: each with its name, in order, repeated ones too. */
  headers: [name: string, value: string][];
  body: string;
};

/** An API behind a gateway, which answers every request with what it got. */
export async function startBackEnd(): Promise<BackEnd> {
  const server = createServer(async (request, response) => {
    backEnd.asked += 1;
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
    asked: 0,
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
