import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { checkApiKey } from './check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try `check-api-key.ts`.
const app = new Hono();
app.all('/*', checkApiKey, async (c) => {
  const { pathname, search } = new URL(c.req.url);
  const [account, body] = [c.get('apiAccount'), await c.req.text()];
  return c.json({ method: c.req.method, url: pathname + search, account, body });
});
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080), hostname: '127.0.0.1' });
