import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { type ApiKeyEnv, checkApiKey, checkUpgrade, requireScope } from '../check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try the middleware.
const app = new Hono<ApiKeyEnv>();
// Before the check: a browser sends a preflight without the key, and hides a response without these headers.
app.use(async (c, next) => {
  const isPreflight =
    c.req.method === 'OPTIONS' &&
    c.req.header('Origin') &&
    c.req.header('Access-Control-Request-Method') &&
    !Number(c.req.header('Content-Length') ?? 0) &&
    !c.req.header('Transfer-Encoding');
  if (isPreflight) c.res = c.body(null, 204);
  else await next();
  c.header('Access-Control-Allow-Origin', '*');
  c.header('Access-Control-Allow-Methods', 'DELETE, GET, PATCH, POST, PUT');
  c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-API-Key');
});
app.use('/orders/*', requireScope('orders:read'));
app.all('/*', checkApiKey, async (c) => {
  const { pathname, search } = new URL(c.req.url);
  const [account, body] = [c.get('apiAccount'), await c.req.text()];
  const headers = [...c.req.raw.headers];
  return c.json({ method: c.req.method, url: pathname + search, account, headers, body });
});

const server = serve({
  fetch: app.fetch,
  port: Number(process.env.PORT ?? 8080),
  hostname: '127.0.0.1',
  // Node.js accepts 16 KB of headers by default.
  serverOptions: { maxHeaderSize: 65_536 },
});
const webSockets = new WebSocketServer({ noServer: true });
server.on('upgrade', async (request, socket, head) => {
  const requiredScope = /^\/orders/i.test(request.url ?? '') ? 'orders:read' : undefined;
  const account = await checkUpgrade(request, socket, { requiredScope });
  if (!account) return;
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', console.error);
    webSocket.on('message', (message) => webSocket.send(String(message)));
    webSocket.send(JSON.stringify({ account }));
  });
});
