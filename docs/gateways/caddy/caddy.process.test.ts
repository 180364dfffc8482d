import { describe } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { findProgram } from '../../../scripts/machine-programs.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { startInTemporaryFolder, startProgram, writeExample } from '../testing/run-program.ts';

const caddy = findProgram('caddy') ?? '';

async function start(verifierPort: number, backEndPort: number) {
  const port = await findFreePort();
  const running = await startInTemporaryFolder(async (folder) => {
    const file = await writeExample('caddy/Caddyfile', folder, {
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      // Global options must be at the top, which is before the snippet.
      '(verifier) {': '{\n\tadmin off\n\tservers {\n\t\tprotocols h1 h2c\n\t}\n}\n\n(verifier) {',
      'http://:8000': `http://127.0.0.1:${port}`,
    });
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    // Caddy stores its state in these folders.
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    return startProgram({ path: caddy, args, env }, port);
  });
  return { port, http2Port: port, ...running };
}

describe.skipIf(!caddy)('Caddy', () =>
  testGateway(start, {
    knowsClientIpAddress: true,
    without: { 'extended CONNECT': 'Caddy 2.6 does not support it' },
  }),
);
