import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type SessionSettings } from './connection.ts';
import { type DatabaseAddress, readDatabaseAddress } from './database-address.ts';

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** A try that has not come to an end by then gets another one beside it. */
const NEXT_TRY_MS = 400;

export type ReconnectingConnectionOptions = {
  databaseUrl: string;
  session?: SessionSettings;
  /** A question that shows that the connection works, and prepares its statement. */
  askFirst?(connection: Connection): Promise<unknown>;
  opened?(connection: Connection): void;
  /** The connection that was open is no more. */
  lost?(): void;
  /** It could not be opened. */
  failed?(error: unknown): void;
};

/** A connection that is opened again whenever it is lost, at most half a second after the database is back. */
export class ReconnectingConnection {
  /** Null while there is none. */
  connection: Connection | null = null;
  #address: DatabaseAddress;
  #options: ReconnectingConnectionOptions;
  #closing = new AbortController();

  constructor(options: ReconnectingConnectionOptions) {
    this.#address = readDatabaseAddress(options.databaseUrl);
    this.#options = options;
    void this.#keepOpen();
  }

  close(): void {
    this.#closing.abort();
    this.connection?.abandon();
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let pause = SHORTEST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#openOnce();
        pause = SHORTEST_PAUSE_MS;
      } catch {
        // Each try has said why it failed.
      }
      await delay(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Returns once the connection is lost again. */
  async #openOnce(): Promise<void> {
    const { opened, lost } = this.#options;
    const connection = await this.#firstToOpen();
    if (this.#closing.signal.aborted) return connection.abandon();
    this.connection = connection;
    opened?.(connection);
    await connection.lost;
    this.connection = null;
    lost?.();
  }

  /**
   * Where the server, or the way to it, is silent, a try hangs until its deadline, also if the server comes back
   * meanwhile; so others are begun beside it, and the first that opens is taken.
   * @throws where all have failed, or this is closed
   */
  async #firstToOpen(): Promise<Connection> {
    const { signal } = this.#closing;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    let [tries, taken] = [0, false];
    const tryOnce = async () => {
      tries += 1;
      try {
        const connection = await this.#open();
        if (taken) connection.abandon();
        taken = true;
        resolve(connection);
      } catch (error) {
        this.#options.failed?.(error);
        tries -= 1;
        if (tries === 0) reject(error);
      }
    };
    const timer = setInterval(tryOnce, NEXT_TRY_MS);
    const stop = () => {
      taken = true;
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop);
    void tryOnce();
    return promise.finally(() => {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    });
  }

  #open(): Promise<Connection> {
    const { session = {}, askFirst = ({ sql }) => sql`select 1` } = this.#options;
    return Connection.open(this.#address, session, askFirst);
  }
}
