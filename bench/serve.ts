import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startVerifier } from '#lib/verifier/server.ts';

/** The first argument of this program, as JSON. */
export type ServerOptions =
  | { kind: 'baseline' }
  | { kind: 'verifier'; databaseUrl: string; requestsPerMinute: number };

/**
 * Serves the baseline: Node.js's own HTTP server with a constant response.
 * The body is a string, which is sent in one piece with the headers; a Buffer is a fifth slower.
 */
async function serveBaseline(): Promise<number> {
  const body =
    '{"account":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"Company"},"key":{"status":"current","expiresAt":null},"scopes":[]}';
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Serves the verifier with usage counts and rate limits, but without the unknown-key limiter, to measure unknown keys. */
async function serveVerifier(databaseUrl: string, requestsPerMinute: number): Promise<number> {
  const defaults = { port: 0, host: '127.0.0.1', organisationName: 'Bench', apiKeyTag: 'stagekey' };
  const { port } = await startVerifier({ ...defaults, databaseUrl, requestsPerMinute });
  return port;
}

const options: ServerOptions = JSON.parse(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
// Any message asks for the memory usage (servers.ts).
process.on('message', () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed, external });
});
const port =
  options.kind === 'baseline'
    ? await serveBaseline()
    : await serveVerifier(options.databaseUrl, options.requestsPerMinute);
process.send?.({ port });
