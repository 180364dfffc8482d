import type pg from 'pg';
import { createTestDatabase } from '#db/test-database.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { startTestVerifier } from '#lib/testing/verifying.ts';
import { freePort } from '../../../scripts/test-starter.ts';
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

  add<Thing>(thing: Thing, close: () => Promise<unknown>): Thing {
    this.#steps.push(close);
    return thing;
  }

  async run(): Promise<void> {
    for (const step of this.#steps.reverse()) await step();
  }
}

async function startOrNot(condition: Condition, databaseUrl: string, closing: Closing): Promise<number> {
  if (condition === 'gone') return freePort();
  const verifier = await startTestVerifier(condition === 'without its database' ? NO_DATABASE : databaseUrl, {
    unknownKeysPerMinute: UNKNOWN_KEYS_PER_MINUTE,
    verifierTrustedProxies: 1,
  });
  closing.add(verifier, () => verifier.close());
  if (condition !== 'silent') return verifier.port;
  const proxy = await TcpProxy.start(`http://127.0.0.1:${verifier.port}`);
  proxy.mode = 'silent';
  return Number(new URL(closing.add(proxy, () => proxy.close()).url).port);
}

/** Starts everything. @throws where one thing does not start; nothing stays behind then */
export async function setScene(start: StartGateway, condition: Condition = 'well'): Promise<Scene> {
  const closing = new Closing();
  try {
    const database = await createTestDatabase();
    closing.add(database, () => database.drop());
    const backEnd = await startBackEnd();
    closing.add(backEnd, () => backEnd.close());
    const verifierPort = await startOrNot(condition, database.url, closing);
    const gateway = await start(verifierPort, backEnd.port);
    closing.add(gateway, () => gateway.stop());
    const { pool } = database;
    return { pool, backEnd, port: gateway.port, close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}
