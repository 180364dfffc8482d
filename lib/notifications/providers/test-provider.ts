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

/** Diagnostics channels of Node.js's `fetch` and `http` for the event that a client has read the head of a response. */
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
 * @param behaviour the behaviour for every request, or a function that chooses it for each one
 * @returns among others `clientWaiting`, which resolves when a client waits for a response that never comes or never
 *   ends
 */
export async function startProvider(behaviour: Behaviour | ((request: ReceivedRequest) => Behaviour)) {
  const requests: ReceivedRequest[] = [];
  const clientWaiting = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const receivedRequest = { method, path, headers, body: await text(request) };
    requests.push(receivedRequest);
    const chosenBehaviour = typeof behaviour === 'function' ? behaviour(receivedRequest) : behaviour;
    if (chosenBehaviour === 'hang') clientWaiting.resolve();
    if (chosenBehaviour === 'stall') clientWaiting.resolve(waitForHead());
    respond(chosenBehaviour, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const countConnections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    requests,
    clientWaiting: clientWaiting.promise,
    countConnections,
    [Symbol.asyncDispose]: close,
  };
}
