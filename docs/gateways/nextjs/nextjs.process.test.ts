import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { vi } from 'vitest';
import { testGateway } from '../testing/gateway-tests.ts';

type Handlers = Record<string, (request: Request, context: unknown) => Promise<Response>>;

/** Serves the routes' handlers, and calls them as Next.js does: with a Request of the Fetch API. */
async function start(verifierPort: number) {
  // Import the routes again for each verifier, because they read the variable when they are imported.
  vi.resetModules();
  vi.stubEnv('STAGEDOOR_VERIFIER', `http://127.0.0.1:${verifierPort}/verify`);
  const route: Handlers = await import('./route.ts');
  const ordersRoute: Handlers = await import('./orders/route.ts');
  const fetch = (request: Request) => {
    const isOrders = new URL(request.url).pathname.startsWith('/orders');
    const handle = isOrders ? ordersRoute[request.method] : route[request.method];
    return handle?.(request, {}) ?? Response.error();
  };
  // As with NODE_OPTIONS=--max-http-header-size=65536.
  const serverOptions = { maxHeaderSize: 65_536 };
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1', serverOptions });
  await once(server, 'listening');
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

testGateway(start, {
  knowsClientIpAddress: false,
  without: {
    forwarding: 'a wrapper in the API itself',
    WebSocket: 'a route handler cannot accept one',
    'HTTP/2': 'route handlers do not see the version',
    'extended CONNECT': 'a route handler cannot accept one',
  },
});
