import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { insertAccountWithKey } from '#lib/testing/verifier.ts';
import { findProgram } from '../../../scripts/machine-programs.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { startInTemporaryFolder, startProgram, writeExample } from '../testing/run-program.ts';
import { send } from '../testing/send.ts';
import { startTestBed } from '../testing/test-bed.ts';

const haproxy = findProgram('haproxy') ?? '';

async function start(
  verifierPort: number,
  backEndPort: number,
  luaReplacements: Record<string, string> = {},
) {
  const port = await findFreePort();
  const running = await startInTemporaryFolder(async (folder) => {
    // An abstract socket's name is shared by the whole machine.
    const socketName = { 'abns@stagedoor': `abns@${path.basename(folder)}` };
    const script = await writeExample('haproxy/stagedoor.lua', folder, { ...socketName, ...luaReplacements });
    const file = await writeExample('haproxy/haproxy.cfg', folder, {
      ...socketName,
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      '/etc/haproxy/stagedoor.lua': script,
      'bind :8000': `bind 127.0.0.1:${port}`,
    });
    return startProgram({ path: haproxy, args: ['-db', '-f', file] }, port);
  });
  // HAProxy detects HTTP/2.
  return { port, http2Port: port, ...running };
}

describe.skipIf(!haproxy)('HAProxy', () => {
  testGateway(start, { knowsClientIpAddress: true, without: {} });

  it('responds with 503 if the script fails', async () => {
    const testBed = await startTestBed((verifierPort, backEndPort) =>
      start(verifierPort, backEndPort, { 'core.httpclient()': 'error("broken")' }),
    );
    try {
      const { key } = await insertAccountWithKey(testBed.pool);
      expect(await send(testBed.port, { headers: [['X-API-Key', key]] })).toMatchObject({ status: 503 });
      expect(testBed.backEnd.requestCount).toBe(0);
    } finally {
      await testBed.close();
    }
  });
});
