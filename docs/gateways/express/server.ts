import express from 'express';
import { checkApiKey } from './check-api-key.ts';

// An example API that responds with what it received: run by the tests, and to try `check-api-key.ts`.
const app = express();
app.use(checkApiKey);
app.use(express.text());
app.all('/{*path}', (request, response) => {
  const { method, url, body } = request;
  response.json({ method, url, account: response.locals.apiAccount, body });
});
app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
