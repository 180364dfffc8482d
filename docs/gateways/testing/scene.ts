import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type pg from 'pg';
import { freePort } from '#db/processes.ts';
import { createTestDatabase } from '#db/test-database.ts';
import { startTestVerifier } from '#lib/testing/verifying.ts';
import { type BackEnd, startBackEnd } from './back-end.ts';

/** Starts a gateway that asks the verifier at one port, and has the back end at the other. */
export type StartGateway = (
  verifierPort: number,
  backEndPort: number,
) => Promise<{ port: number; stop(): Promise<void> }>;

/** How the verifier is: well; with its database away; gone; or there, and not saying a word. */
export type Condition = 'well' | 'without its database' | 'gone' | 'silent';

/** A gateway between a client and a back end, with a real verifier on a real PostgreSQL. */
export type Scene = {
  pool: pg.Pool;
  backEnd: BackEnd;
  /** The gateway's. */
  port: number;
  close(): Promise<void>;
};

export const UNKNOWN_KEYS_PER_MINUTE = 5;
const NO_DATABASE = 'postgresql://nobody@127.0.0.1:1/none';

/** Closes the last thing first. */
class Closing {
  #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.reverse()) await step();
  }
}

/** Takes connections, and neither says anything nor hangs up. */
async function startSilence(closing: Closing): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => sockets.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.add(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** @returns the port where the gateway will look for the verifier */
async function startOrNot(condition: Condition, databaseUrl: string, closing: Closing): Promise<number> {
  if (condition === 'gone') return freePort();
  if (condition === 'silent') return startSilence(closing);
  const verifier = await startTestVerifier(condition === 'well' ? databaseUrl : NO_DATABASE, {
    unknownKeysPerMinute: UNKNOWN_KEYS_PER_MINUTE,
    verifierTrustedProxies: 1,
  });
  closing.add(() => verifier.close());
  return verifier.port;
}

/** Starts everything. @throws where one thing does not start; nothing stays behind then */
export async function setScene(start: StartGateway, condition: Condition = 'well'): Promise<Scene> {
  const closing = new Closing();
  try {
    const database = await createTestDatabase();
    closing.add(() => database.drop());
    const backEnd = await startBackEnd();
    closing.add(() => backEnd.close());
    const verifierPort = await startOrNot(condition, database.url, closing);
    const gateway = await start(verifierPort, backEnd.port);
    closing.add(() => gateway.stop());
    const { pool } = database;
    return { pool, backEnd, port: gateway.port, close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}
