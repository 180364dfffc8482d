import { fastify } from 'fastify';
import { checkApiKey } from './check-api-key.ts';

const app = fastify();
app.addHook('onRequest', checkApiKey);
app.all('/*', ({ method, url, apiAccount, body }) => ({ method, url, account: apiAccount, body }));
await app.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' });
