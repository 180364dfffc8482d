import { channel } from 'node:diagnostics_channel';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type ReceivedRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

/**
 * How a provider handles a request: responds, never responds (`hang`), closes the connection (`cut`), or starts a
 * response and then stalls or closes the connection.
 */
export type Behaviour =
  | { status: number; headers?: Record<string, string>; body: string }
  | 'hang'
  | 'cut'
  | 'stall'
  | 'cut in the middle';

function respond(behaviour: Behaviour, response: ServerResponse): void {
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

/** Diagnostics channels of Node's `fetch` and `http` that fire when a client has read the head of a response. */
const HEAD_CHANNELS = [channel('undici:request:headers'), channel('http.client.response.finish')];

/** Resolves when a client in this thread has read the head of a response. */
function waitForHead(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onRead = () => {
    for (const headChannel of HEAD_CHANNELS) headChannel.unsubscribe(onRead);
    resolve();
  };
  for (const headChannel of HEAD_CHANNELS) headChannel.subscribe(onRead);
  return promise;
}

/**
 * Starts a local provider for tests that records each request.
 * @param behaviour fixed, or chosen for each request
 * @returns among others `waiting`, which resolves when a client waits for a response that never comes or never ends
 */
export async function startProvider(behaviour: Behaviour | ((request: ReceivedRequest) => Behaviour)) {
  const requests: ReceivedRequest[] = [];
  const waiting = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: await text(request) };
    requests.push(received);
    const chosen = typeof behaviour === 'function' ? behaviour(received) : behaviour;
    if (chosen === 'hang') waiting.resolve();
    if (chosen === 'stall') waiting.resolve(waitForHead());
    respond(chosen, response);
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
