import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { vi } from 'vitest';
import { testGateway } from '../testing/gateway-tests.ts';

/** Serves the route's handlers, and calls them as Next.js does: with a Request of the Fetch API. */
async function start(verifierPort: number) {
  // Import the route again for each verifier, because it reads the variable when it is imported.
  vi.resetModules();
  vi.stubEnv('STAGEDOOR_VERIFIER', `http://127.0.0.1:${verifierPort}/verify`);
  const handlers: Record<string, (request: Request, context: unknown) => Promise<Response>> = await import(
    './route.ts'
  );
  const fetch = (request: Request) => handlers[request.method]?.(request, {}) ?? Response.error();
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

testGateway(start, { isProxy: false, knowsClientIpAddress: false });
