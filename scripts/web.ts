import { once } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import next from 'next';
import type { Settings } from '#lib/platform/config/settings.ts';
import { closeDatabase } from '#lib/platform/database.ts';
import { createWebServer } from '#lib/platform/http/web-server.ts';
import { log } from '#lib/platform/log.ts';
import { runService } from '#lib/platform/service.ts';

const IS_DEVELOPMENT = process.env.NODE_ENV === 'development';
const NEXT_OPTIONS = { dev: IS_DEVELOPMENT, turbopack: IS_DEVELOPMENT, dir: process.cwd() };

/** How long a stop waits for open requests. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Silences the greetings of Next.js, and logs its errors without the parameters of a query. */
function redirectConsole(): void {
  console.log = () => {};
  console.error = (...args: unknown[]) => {
    const error = args.find((arg) => arg instanceof Error);
    const frames = error?.stack?.split('\n').filter((line) => /^\s+at /.test(line));
    log.error('web.error', error ?? new Error(args.filter((arg) => typeof arg === 'string').join(' ')), {
      ...(frames ? { frames: frames.slice(0, 8).map((line) => line.trim()) } : {}),
    });
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}

async function startWeb(settings: Settings): Promise<() => Promise<void>> {
  if (!IS_DEVELOPMENT) redirectConsole();
  // Next.js adds an `upgrade` listener to the server that it is given, so give it a server that never listens.
  const httpServer = new Server();
  const app = next({ ...NEXT_OPTIONS, hostname: settings.host, port: settings.port, httpServer });
  await app.prepare();
  const reloadSockets = new Set<Duplex>();
  const developmentUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (httpServer.emit('upgrade', request, socket, head)) reloadSockets.add(socket);
    else socket.destroy();
  };
  const server = createWebServer(app.getRequestHandler(), {
    ...settings,
    ...(IS_DEVELOPMENT ? { developmentUpgrade } : {}),
  });
  await once(server.listen(settings.port, settings.host), 'listening');
  return async () => {
    for (const socket of reloadSockets) socket.destroy();
    await closeServer(server);
    await app.close();
    await closeDatabase();
  };
}

await runService(startWeb);
