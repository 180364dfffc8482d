import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '#db/processes.ts';
import { accountWithKey } from '#lib/testing/verifying.ts';
import { findProgram } from '../../../scripts/machine-programs.ts';
import { testGateway } from '../testing/gateway-tests.ts';
import { inFolder, runProgram, writeExample } from '../testing/run-program.ts';
import { setScene } from '../testing/scene.ts';
import { send } from '../testing/send.ts';

const haproxy = findProgram('haproxy') ?? '';

async function start(verifierPort: number, backEndPort: number, lua: Record<string, string> = {}) {
  const port = await freePort();
  const running = await inFolder(async (folder) => {
    // Such a name is the whole machine's.
    const inside = { 'abns@stagedoor': `abns@${path.basename(folder)}` };
    const script = await writeExample('haproxy/stagedoor.lua', folder, { ...inside, ...lua });
    const file = await writeExample('haproxy/haproxy.cfg', folder, {
      ...inside,
      '127.0.0.1:3001': `127.0.0.1:${verifierPort}`,
      '127.0.0.1:8080': `127.0.0.1:${backEndPort}`,
      '/etc/haproxy/stagedoor.lua': script,
      'bind :8000': `bind 127.0.0.1:${port}`,
    });
    return runProgram({ path: haproxy, args: ['-db', '-f', file] }, port);
  });
  return { port, ...running };
}

describe.skipIf(!haproxy)('HAProxy', () => {
  testGateway(start, { names: true, address: true });

  it('answers 503 if the script fails', async () => {
    const scene = await setScene((verifierPort, backEndPort) =>
      start(verifierPort, backEndPort, { 'core.httpclient()': 'error("broken")' }),
    );
    try {
      const { key } = await accountWithKey(scene.pool);
      expect(await send(scene.port, { headers: [['X-API-Key', key]] })).toMatchObject({ status: 503 });
      expect(scene.backEnd.asked).toBe(0);
    } finally {
      await scene.close();
    }
  });
});
