import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type pg from 'pg';
import { createTestDatabase } from '#db/test-database.ts';
import { startTestVerifier } from '#lib/testing/verifier.ts';
import { type BackEnd, startBackEnd } from './back-end.ts';
import { startVerifierStub, type VerifierStub } from './verifier-stub.ts';

/**
 * Starts a gateway in front of a back end, and returns its port, and the port for HTTP/2 without TLS if it has one.
 * Middleware ignores `backEndPort`.
 */
export type StartGateway = (
  verifierPort: number,
  backEndPort: number,
) => Promise<{ port: number; http2Port?: number; stop(): Promise<void> }>;

/** `silent`: accepts connections but never responds. */
export type VerifierState = 'running' | 'without its database' | 'stopped' | 'silent';

/** A gateway between a client and a back end, with a real verifier and a real PostgreSQL. */
export type TestBed = {
  pool: pg.Pool;
  backEnd: BackEnd;
  /** The gateway's port. */
  port: number;
  http2Port: number | undefined;
  close(): Promise<void>;
};

/** The realm of a test verifier: its organisation name. */
export const REALM = 'X';
export const UNKNOWN_KEYS_PER_MINUTE = 5;
/** A port on which no service listens. Another test could get the port of a service that was stopped. */
const CLOSED_PORT = 1;
const NO_DATABASE = `postgresql://nobody@127.0.0.1:${CLOSED_PORT}/none`;

/** Runs clean-up functions, the last registered one first. */
class CleanUps {
  #cleanUps: (() => Promise<unknown>)[] = [];

  add(cleanUp: () => Promise<unknown>): void {
    this.#cleanUps.push(cleanUp);
  }

  async run(): Promise<void> {
    for (const cleanUp of this.#cleanUps.reverse()) await cleanUp();
  }
}

/** Starts a server that accepts connections, but neither responds nor closes them. */
async function startSilentServer(cleanUps: CleanUps): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => sockets.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.add(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** Starts a verifier in the given state, and returns the port that the gateway connects to. */
async function startVerifier(state: VerifierState, databaseUrl: string, cleanUps: CleanUps): Promise<number> {
  if (state === 'stopped') return CLOSED_PORT;
  if (state === 'silent') return startSilentServer(cleanUps);
  const verifier = await startTestVerifier(state === 'running' ? databaseUrl : NO_DATABASE, {
    unknownKeysPerMinute: UNKNOWN_KEYS_PER_MINUTE,
    verifierTrustedProxies: 1,
  });
  cleanUps.add(() => verifier.close());
  return verifier.port;
}

/** Starts a database, a back end, a verifier and a gateway. If one does not start, stops the others and throws. */
export async function startTestBed(
  start: StartGateway,
  verifierState: VerifierState = 'running',
  { isBackEndStopped = false } = {},
): Promise<TestBed> {
  const cleanUps = new CleanUps();
  try {
    const database = await createTestDatabase();
    cleanUps.add(() => database.drop());
    const backEnd = await startBackEnd();
    cleanUps.add(() => backEnd.close());
    const verifierPort = await startVerifier(verifierState, database.url, cleanUps);
    const gateway = await start(verifierPort, isBackEndStopped ? CLOSED_PORT : backEnd.port);
    cleanUps.add(() => gateway.stop());
    const { pool } = database;
    return { pool, backEnd, port: gateway.port, http2Port: gateway.http2Port, close: () => cleanUps.run() };
  } catch (error) {
    await cleanUps.run();
    throw error;
  }
}

/** Starts a gateway between a back end and a stub of the verifier. */
export async function startWithVerifierStub(
  start: StartGateway,
): Promise<{ port: number; verifier: VerifierStub; close(): Promise<void> }> {
  const cleanUps = new CleanUps();
  try {
    const backEnd = await startBackEnd();
    cleanUps.add(() => backEnd.close());
    const verifier = await startVerifierStub();
    cleanUps.add(() => verifier.close());
    const gateway = await start(verifier.port, backEnd.port);
    cleanUps.add(() => gateway.stop());
    return { port: gateway.port, verifier, close: () => cleanUps.run() };
  } catch (error) {
    await cleanUps.run();
    throw error;
  }
}
