import { once } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import next from 'next';
import type { Settings } from '#lib/platform/config/settings.ts';
import { closeDatabase } from '#lib/platform/database.ts';
import { createWebServer } from '#lib/platform/http/web-server.ts';
import { log } from '#lib/platform/log.ts';
import { runService } from '#lib/platform/service.ts';

const DEV = process.env.NODE_ENV === 'development';
const NEXT_OPTIONS = { dev: DEV, turbopack: DEV, dir: process.cwd() };

/** After this, the connections that are left are closed. */
const LONGEST_REQUEST_MS = 10_000;

/** Silences the greetings of Next.js, and logs of its errors only what a log may hold: no parameters of a query. */
function tameConsole(): void {
  console.log = () => {};
  console.error = (...words: unknown[]) => {
    const error = words.find((word) => word instanceof Error);
    const frames = error?.stack?.split('\n').filter((line) => /^\s+at /.test(line));
    log.error('web.error', error ?? new Error(words.filter((word) => typeof word === 'string').join(' ')), {
      ...(frames ? { frames: frames.slice(0, 8).map((line) => line.trim()) } : {}),
    });
  };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const timer = setTimeout(() => server.closeAllConnections(), LONGEST_REQUEST_MS);
  await closed;
  clearTimeout(timer);
}

async function startWeb(settings: Settings): Promise<() => Promise<void>> {
  if (!DEV) tameConsole();
  // Next.js gets a server that never listens, since it adds an `upgrade` listener to whichever it finds.
  const httpServer = new Server();
  const app = next({ ...NEXT_OPTIONS, hostname: settings.host, port: settings.port, httpServer });
  await app.prepare();
  const reloading = new Set<Duplex>();
  const developmentUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (httpServer.emit('upgrade', request, socket, head)) reloading.add(socket);
    else socket.destroy();
  };
  const server = createWebServer(app.getRequestHandler(), {
    ...settings,
    ...(DEV ? { developmentUpgrade } : {}),
  });
  await once(server.listen(settings.port, settings.host), 'listening');
  return async () => {
    for (const socket of reloading) socket.destroy();
    await close(server);
    await app.close();
    await closeDatabase();
  };
}

await runService(startWeb);
