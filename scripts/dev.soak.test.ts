import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { StagedoorProcess } from '#lib/testing/stagedoor-process.ts';

describe('npm run dev', () => {
  it('prints how to sign in, serves pages and their reload socket, and stops while that is open', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-dev-'));
    const [port, verifierPort] = [await findFreePort(), await findFreePort()];
    const environment = { PORT: String(port), VERIFIER_PORT: String(verifierPort), STAGEDOOR_DATA: folder };
    const stagedoor = new StagedoorProcess(environment, ['dev']);
    try {
      await stagedoor.waitUntilRunning();
      expect(stagedoor.output).toContain(
        'Sign in with admin@example.com and the password stagedoor-in-development.',
      );
      // In development, pages are compiled when they are requested, so nothing is built before the start.
      expect(stagedoor.output).not.toContain('Building');
      const page = await fetch(`http://localhost:${port}/sign-in`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Sign in');
      // The development server needs `unsafe-eval`; production never allows it.
      expect(page.headers.get('content-security-policy')).toContain("'unsafe-eval'");

      const upgrade = async (target: string) => {
        const socket = connect(port, '127.0.0.1');
        const host = `Host: localhost:${port}\r\nOrigin: http://localhost:${port}`;
        const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
        socket.write(
          `GET ${target} HTTP/1.1\r\n${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
        );
        return socket;
      };
      const reloadSocket = await upgrade('/_next/hmr?id=test');
      const [head] = await Promise.race([once(reloadSocket, 'data'), once(reloadSocket, 'close')]);
      expect(String(head)).toMatch(/^HTTP\/1\.1 101 /);
      // Web accepts upgrades only on paths of Next.js, and closes other connections without a response.
      expect(await text(await upgrade('/elsewhere'))).toBe('');
      // A page that is open in a browser must not delay the stop: web would end only at its timeout of 14 seconds.
      const stoppedAt = performance.now();
      expect(await stagedoor.stop()).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(12_000);
      reloadSocket.destroy();
    } finally {
      await stagedoor.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
