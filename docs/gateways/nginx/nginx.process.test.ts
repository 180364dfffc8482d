import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { findProgram } from '../../../scripts/machine-programs.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { startInTemporaryFolder, startProgram, writeExample } from '../testing/run-program.ts';

/** The main configuration. It includes the example, as /etc/nginx/nginx.conf includes the files in conf.d. */
const MAIN_CONFIG = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path bodies;
    proxy_temp_path proxied;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include api.conf;
}
`;

const nginx = findProgram('nginx') ?? '';

async function start(verifierPort: number, backEndPort: number) {
  const [port, http2Port] = [await findFreePort(), await findFreePort()];
  const running = await startInTemporaryFolder(async (folder) => {
    await writeExample('nginx/api.conf', folder, {
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      'listen 8000': `listen 127.0.0.1:${port}; listen 127.0.0.1:${http2Port} http2`,
    });
    await writeFile(path.join(folder, 'nginx.conf'), MAIN_CONFIG);
    const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
    return startProgram({ path: nginx, args }, port);
  });
  return { port, http2Port, ...running };
}

describe.skipIf(!nginx)('nginx', () =>
  testGateway(start, {
    knowsClientIpAddress: true,
    without: { 'extended CONNECT': 'nginx does not support it' },
  }),
);

describe('api.conf', () => {
  it('contains every line of the excerpt in the how-to guide', async () => {
    const read = (file: string) => readFile(path.join(import.meta.dirname, file), 'utf8');
    const normalizeLines = (text: string) =>
      text.split('\n').map((line) =>
        line
          .replace(/\s+#.*/, '')
          .trim()
          .split(/\s+/)
          .join(' '),
      );
    const [, excerpt = ''] =
      /```nginx\n(.*?)```/s.exec(await read('../../how-to/put-a-gateway-in-front.md')) ?? [];
    expect(normalizeLines(excerpt).length).toBeGreaterThan(10);
    expect(normalizeLines(await read('api.conf'))).toEqual(expect.arrayContaining(normalizeLines(excerpt)));
  });
});
