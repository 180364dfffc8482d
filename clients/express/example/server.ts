import { createServer } from 'node:http';
import express from 'express';
import { WebSocketServer } from 'ws';
import { checkApiKey, checkUpgrade, requireScope } from '../check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try the middleware.
const app = express();
// Before the check: a browser sends a preflight without the key, and hides a response without these headers.
app.use((request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'DELETE, GET, PATCH, POST, PUT',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-API-Key',
  });
  const isPreflight =
    request.method === 'OPTIONS' &&
    request.get('Origin') &&
    request.get('Access-Control-Request-Method') &&
    !Number(request.get('Content-Length')) &&
    !request.get('Transfer-Encoding');
  if (isPreflight) response.status(204).end();
  else next();
});
app.use('/orders', requireScope('orders:read'));
app.use(checkApiKey);
app.use(express.text({ type: '*/*', limit: '100mb' }));
app.all('/{*path}', (request, response) => {
  const { method, url, body, headersDistinct } = request;
  const headers = Object.entries(headersDistinct);
  response.json({ method, url, account: response.locals.apiAccount, headers, body });
});

// Node.js accepts 16 KB of headers by default.
const server = createServer({ maxHeaderSize: 65_536 }, app);
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
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
