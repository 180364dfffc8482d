import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startVerifier } from '#lib/verifier/server.ts';

/** The baseline: what Node's own HTTP server does when there is nothing to find out. */
function serveConstant(): void {
  const body = Buffer.from('{"account":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"Company"}}');
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

async function serveVerifier(databaseUrl: string): Promise<void> {
  const options = { port: 0, host: '127.0.0.1', organisationName: 'Bench', apiKeyTag: 'stagekey' };
  const { port } = await startVerifier({ ...options, databaseUrl });
  process.send?.(port);
}

const [what, databaseUrl = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
if (what === 'constant') serveConstant();
else await serveVerifier(databaseUrl);
