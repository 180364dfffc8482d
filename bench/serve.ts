import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startVerifier } from '#lib/verifier/server.ts';

/** What this process is to serve: the first argument, as JSON. */
export type Order =
  | { what: 'constant' }
  | { what: 'verifier'; databaseUrl: string; requestsPerMinute: number };

/**
 * The baseline: what Node's own HTTP server does when there is nothing to find out. A body of text, which goes out
 * with the headers in one piece: with a Buffer it is a fifth slower.
 */
async function serveConstant(): Promise<number> {
  const body = '{"account":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"Company"}}';
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The verifier as it is, counting uses and keeping limits. Unknown keys are not throttled: they are to be measured. */
async function serveVerifier(databaseUrl: string, requestsPerMinute: number): Promise<number> {
  const fixed = { port: 0, host: '127.0.0.1', organisationName: 'Bench', apiKeyTag: 'stagekey' };
  const { port } = await startVerifier({ ...fixed, databaseUrl, requestsPerMinute });
  return port;
}

const order: Order = JSON.parse(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
process.on('message', () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed, external });
});
const port =
  order.what === 'constant'
    ? await serveConstant()
    : await serveVerifier(order.databaseUrl, order.requestsPerMinute);
process.send?.({ port });
