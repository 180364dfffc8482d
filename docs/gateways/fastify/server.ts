import { fastify } from 'fastify';
import { checkApiKey } from './check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try `check-api-key.ts`.
const app = fastify();
app.addHook('onRequest', checkApiKey);
app.all('/*', ({ method, url, apiAccount, body }) => ({ method, url, account: apiAccount, body }));
await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' });
