import './faster-imports.mjs';
import { once } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import next from 'next';
import { parseAndValidateFlightRouterState } from 'next/dist/server/app-render/parse-and-validate-flight-router-state.js';
import { findSessionId } from '#lib/identity/sessions/session-id.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { closeDatabase } from '#lib/platform/database.ts';
import { logConsole } from '#lib/platform/http/log-web-error.ts';
import { createWebServer } from '#lib/platform/http/web-server.ts';
import { runService } from '#lib/platform/service.ts';

const IS_DEVELOPMENT = process.env.NODE_ENV === 'development';
const NEXT_OPTIONS = { dev: IS_DEVELOPMENT, turbopack: IS_DEVELOPMENT, dir: process.cwd() };

/** Silences the greetings of Next.js, and logs its warnings and errors without anything of the request. */
function redirectConsole(): void {
  console.log = () => {};
  for (const level of ['warn', 'error'] as const) {
    console[level] = (...args: unknown[]) => logConsole(level, args);
  }
}

/** Returns whether Next.js accepts a `Next-Router-State-Tree` header. It throws on others while it renders the page. */
function isRouterState(header: string): boolean {
  try {
    parseAndValidateFlightRouterState(header);
    return true;
  } catch {
    return false;
  }
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
    findSessionId,
    isRouterState,
    ...(IS_DEVELOPMENT ? { developmentUpgrade } : {}),
  });
  await once(server.listen(settings.port, settings.host), 'listening');
  return async () => {
    for (const socket of reloadSockets) socket.destroy();
    await server.stop();
    await app.close();
    await closeDatabase();
  };
}

await runService(startWeb);
