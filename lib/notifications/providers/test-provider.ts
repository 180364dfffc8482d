import { channel } from 'node:diagnostics_channel';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type SeenRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

/**
 * What a provider does with a request: answers; never answers; hangs up; or begins an answer and then stalls, or
 * hangs up.
 */
export type Behaviour =
  | { status: number; headers?: Record<string, string>; body: string }
  | 'hang'
  | 'cut'
  | 'stall'
  | 'cut in the middle';

function behave(behaviour: Behaviour, response: ServerResponse): void {
  if (behaviour === 'hang') return;
  if (behaviour === 'cut') {
    response.destroy();
    return;
  }
  if (typeof behaviour === 'object') {
    response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
    return;
  }
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"id":', () => {
    if (behaviour === 'cut in the middle') response.destroy();
  });
}

/** Published by Node's `fetch`, and by its `http`, when a client has read the head of an answer. */
const HEAD_READ = [channel('undici:request:headers'), channel('http.client.response.finish')];

/** Resolves when a client in this thread has read the head of an answer. */
function headRead(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onRead = () => {
    for (const published of HEAD_READ) published.unsubscribe(onRead);
    resolve();
  };
  for (const published of HEAD_READ) published.subscribe(onRead);
  return promise;
}

/**
 * For tests: a provider on this machine, that remembers each request and behaves as it is told, always or each time.
 * @returns among others `waiting`: resolves when a client waits for an answer that never comes or never ends
 */
export async function startProvider(behaviour: Behaviour | ((request: SeenRequest) => Behaviour)) {
  const requests: SeenRequest[] = [];
  const waiting = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: await text(request) };
    requests.push(seen);
    const chosen = typeof behaviour === 'function' ? behaviour(seen) : behaviour;
    if (chosen === 'hang') waiting.resolve();
    if (chosen === 'stall') waiting.resolve(headRead());
    behave(chosen, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const openConnections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, requests, waiting: waiting.promise, openConnections, [Symbol.asyncDispose]: close };
}
