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

/** For tests: a provider on this machine, that remembers each request and behaves as it is told, always or each time. */
export async function startProvider(behaviour: Behaviour | ((request: SeenRequest) => Behaviour)) {
  const requests: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: await text(request) };
    requests.push(seen);
    behave(typeof behaviour === 'function' ? behaviour(seen) : behaviour, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const openConnections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, requests, openConnections, [Symbol.asyncDispose]: close };
}
