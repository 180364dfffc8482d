import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type SessionSettings } from './connection.ts';
import { type DatabaseAddress, readDatabaseAddress } from './database-address.ts';

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

export type LineOptions = {
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
export class Line {
  /** Null while there is none. */
  connection: Connection | null = null;
  #address: DatabaseAddress;
  #options: LineOptions;
  #closing = new AbortController();

  constructor(options: LineOptions) {
    this.#address = readDatabaseAddress(options.databaseUrl);
    this.#options = options;
    void this.#keepOpen();
  }

  close(): void {
    this.#closing.abort();
    this.connection?.giveUp();
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let pause = SHORTEST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#openOnce();
        pause = SHORTEST_PAUSE_MS;
      } catch (error) {
        this.#options.failed?.(error);
      }
      await delay(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Returns once the connection is lost again. */
  async #openOnce(): Promise<void> {
    const { session = {}, askFirst = ({ sql }) => sql`select 1`, opened, lost } = this.#options;
    const connection = await Connection.open(this.#address, session, askFirst);
    if (this.#closing.signal.aborted) return connection.giveUp();
    this.connection = connection;
    opened?.(connection);
    await connection.lost;
    this.connection = null;
    lost?.();
  }
}
