import { serve } from '@hono/node-server';
import { GET as getOrders } from './orders/route.ts';
import * as route from './route.ts';

type Handle = (request: Request, context: unknown) => Promise<Response>;

/** Serves the example's routes without Next.js, for the tests, and calls them like it: with a Request of the Fetch API. */
const handlers: Record<string, Handle> = route;
serve({
  fetch(request) {
    const isOrders = new URL(request.url).pathname.startsWith('/orders');
    return (isOrders ? getOrders : handlers[request.method])?.(request, {}) ?? Response.error();
  },
  port: Number(process.env.PORT ?? 8080),
  hostname: '127.0.0.1',
  // As with NODE_OPTIONS=--max-http-header-size=65536.
  serverOptions: { maxHeaderSize: 65_536 },
});
