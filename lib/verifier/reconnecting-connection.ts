import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type SessionSettings } from './connection.ts';
import { type DatabaseAddress, readDatabaseAddress } from './database-address.ts';

const MIN_RETRY_DELAY_MS = 50;
const MAX_RETRY_DELAY_MS = 500;
/** How long an attempt may take before another one starts beside it. */
const PARALLEL_ATTEMPT_DELAY_MS = 400;

export type ReconnectingConnectionOptions = {
  databaseUrl: string;
  session?: SessionSettings;
  /** The first statement: proves that the connection works, and prepares the statement that it is used for. */
  warmUp?(connection: Connection): Promise<unknown>;
  onOpen?(connection: Connection): void;
  /** The open connection was lost. */
  onLost?(): void;
  /** An attempt to open a connection failed. */
  onOpenFailed?(error: unknown): void;
};

/** Keeps a connection open. Reconnects at most half a second after the database is back. */
export class ReconnectingConnection {
  /** The open connection; null while there is none. */
  current: Connection | null = null;
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
    this.current?.abandon();
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let retryDelay = MIN_RETRY_DELAY_MS;
    while (!signal.aborted) {
      try {
        await this.#openOnce();
        retryDelay = MIN_RETRY_DELAY_MS;
      } catch {
        // `onOpenFailed` has reported each attempt.
      }
      await delay(retryDelay, undefined, { signal }).catch(() => {});
      retryDelay = Math.min(retryDelay * 2, MAX_RETRY_DELAY_MS);
    }
  }

  /** Opens a connection, and returns when it is lost. */
  async #openOnce(): Promise<void> {
    const { onOpen, onLost } = this.#options;
    const connection = await this.#firstToOpen();
    if (this.#closing.signal.aborted) return connection.abandon();
    this.current = connection;
    onOpen?.(connection);
    await connection.lost;
    this.current = null;
    onLost?.();
  }

  /**
   * Returns the first connection that opens. If the server or the network is silent, an attempt hangs until its
   * deadline, even if the server comes back meanwhile. So further attempts start beside it.
   * @throws if all attempts have failed, or this is closed
   */
  async #firstToOpen(): Promise<Connection> {
    const { signal } = this.#closing;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    let [pendingAttempts, isSettled] = [0, false];
    const attempt = async () => {
      pendingAttempts += 1;
      try {
        const connection = await this.#open();
        if (isSettled) connection.abandon();
        isSettled = true;
        resolve(connection);
      } catch (error) {
        this.#options.onOpenFailed?.(error);
        pendingAttempts -= 1;
        if (pendingAttempts === 0) reject(error);
      }
    };
    const timer = setInterval(attempt, PARALLEL_ATTEMPT_DELAY_MS);
    const stop = () => {
      isSettled = true;
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop);
    void attempt();
    return promise.finally(() => {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    });
  }

  #open(): Promise<Connection> {
    const { session = {}, warmUp = ({ sql }) => sql`select 1` } = this.#options;
    return Connection.open(this.#address, session, warmUp);
  }
}
