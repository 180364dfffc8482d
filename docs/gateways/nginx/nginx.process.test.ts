import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '#db/processes.ts';
import { findProgram } from '../../../scripts/machine-programs.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { runInTemporaryFolder, runProgram, writeExample } from '../testing/run-program.ts';

/** The main configuration, which includes the example as /etc/nginx/nginx.conf includes conf.d. */
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
  const port = await freePort();
  const running = await runInTemporaryFolder(async (folder) => {
    await writeExample('nginx/api.conf', folder, {
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      'listen 8000': `listen 127.0.0.1:${port}`,
    });
    await writeFile(path.join(folder, 'nginx.conf'), MAIN_CONFIG);
    const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
    return runProgram({ path: nginx, args }, port);
  });
  return { port, ...running };
}

describe.skipIf(!nginx)('nginx', () => testGateway(start, { isProxy: true, knowsClientAddress: true }));

it('contains every line of the excerpt in the how-to guide', async () => {
  const read = (file: string) => readFile(path.join(import.meta.dirname, file), 'utf8');
  const linesOf = (text: string) =>
    text.split('\n').map((line) =>
      line
        .replace(/\s+#.*/, '')
        .trim()
        .split(/\s+/)
        .join(' '),
    );
  const [, excerpt = ''] =
    /```nginx\n(.*?)```/s.exec(await read('../../how-to/put-a-gateway-in-front.md')) ?? [];
  expect(linesOf(excerpt).length).toBeGreaterThan(10);
  expect(linesOf(await read('api.conf'))).toEqual(expect.arrayContaining(linesOf(excerpt)));
});
