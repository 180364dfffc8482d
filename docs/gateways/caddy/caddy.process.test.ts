import { findProgram } from '../../../scripts/find-program.mjs';
import { freePort } from '../../../scripts/ports.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { inFolder, runProgram, writeExample } from '../testing/run-program.ts';

async function start(verifierPort: number, backEndPort: number) {
  const caddy = await findProgram('caddy', ['version']);
  const port = await freePort();
  const running = await inFolder(async (folder) => {
    const file = await writeExample('caddy/Caddyfile', folder, {
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      'http://:8000': `{\n\tadmin off\n}\n\nhttp://127.0.0.1:${port}`,
    });
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    // Where Caddy keeps what it would remember.
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    return runProgram({ path: caddy.path, args, env: { ...caddy.env, ...env } }, port);
  });
  return { port, ...running };
}

testGateway(start, { names: true, address: true });
