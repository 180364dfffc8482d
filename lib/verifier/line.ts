import { setTimeout as delay } from 'node:timers/promises';
import { type DatabaseAddress, readDatabaseAddress } from './database-address.ts';
import { Connection } from './lookup.ts';

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

export type LineEvents = {
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
  #events: LineEvents;
  #closing = new AbortController();

  constructor(databaseUrl: string, events: LineEvents) {
    this.#address = readDatabaseAddress(databaseUrl);
    this.#events = events;
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
        this.#events.failed?.(error);
      }
      await delay(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Returns once the connection is lost again. */
  async #openOnce(): Promise<void> {
    const connection = await Connection.open(this.#address);
    if (this.#closing.signal.aborted) return connection.giveUp();
    this.connection = connection;
    this.#events.opened?.(connection);
    await connection.lost;
    this.connection = null;
    this.#events.lost?.();
  }
}
