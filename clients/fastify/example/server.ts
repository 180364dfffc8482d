import { type FastifyRequest, fastify } from 'fastify';
import { WebSocketServer } from 'ws';
import { checkApiKey, checkUpgrade } from '../check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try the middleware.
// By default, Node.js accepts 16 KB of headers, and Fastify a body of 1 MB.
const app = fastify({ bodyLimit: 100_000_000, http: { maxHeaderSize: 65_536 } });
// Before the check: a browser sends a preflight without the key, and hides a response without these headers.
app.addHook('onRequest', async ({ method, headers }, reply) => {
  reply.headers({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'DELETE, GET, PATCH, POST, PUT',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-API-Key',
  });
  const isPreflight =
    method === 'OPTIONS' &&
    headers.origin &&
    headers['access-control-request-method'] &&
    !Number(headers['content-length'] ?? 0) &&
    !headers['transfer-encoding'];
  if (isPreflight) return reply.code(204).send();
});
app.addHook('onRequest', checkApiKey);
app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
const echo = ({ method, url, apiAccount, headers, body }: FastifyRequest) => ({
  method,
  url,
  account: apiAccount,
  headers: Object.entries(headers),
  body,
});
app.all('/orders/*', { config: { requiredScope: 'orders:read' } }, echo);
app.all('/*', echo);

const webSockets = new WebSocketServer({ noServer: true });
app.server.on('upgrade', async (request, socket, head) => {
  const requiredScope = /^\/orders/i.test(request.url ?? '') ? 'orders:read' : undefined;
  const account = await checkUpgrade(request, socket, { requiredScope });
  if (!account) return;
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', console.error);
    webSocket.on('message', (message) => webSocket.send(String(message)));
    webSocket.send(JSON.stringify({ account }));
  });
});
await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' });
