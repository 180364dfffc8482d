import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { groupHeaders, type Header } from './send.ts';

type VerifierRequest = { method: string; url: string; headers: Header[]; body: string };

/** A verifier that accepts every key, and records what a gateway sends it. */
export type VerifierStub = {
  port: number;
  requests: VerifierRequest[];
  /** Resolves when the next request has arrived. */
  waitForRequest(): Promise<unknown>;
  close(): Promise<void>;
};

export async function startVerifierStub(): Promise<VerifierStub> {
  const account = { id: 'id', username: 'username' };
  const server = createServer({ maxHeaderSize: 131_072 }, async (request, response) => {
    const { method = '', url = '', rawHeaders } = request;
    requests.push({ method, url, headers: groupHeaders(rawHeaders), body: await text(request) });
    response
      .writeHead(200, {
        'X-API-Account': account.username,
        'X-API-Account-Id': account.id,
        'X-API-Scopes': '',
      })
      .end(JSON.stringify({ account, scopes: [] }));
  });
  const requests: VerifierRequest[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    waitForRequest: () => once(server, 'request'),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
