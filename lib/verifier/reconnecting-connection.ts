import { setTimeout as delay } from 'node:timers/promises';
import { type DatabaseAddress, parseDatabaseUrl } from '#db/database-url.ts';
import { Connection, type SessionSettings } from './connection.ts';

const MIN_RETRY_DELAY_MS = 50;
const MAX_RETRY_DELAY_MS = 500;
/** How often another attempt starts while earlier ones are pending. */
const PARALLEL_ATTEMPT_INTERVAL_MS = 400;

export type ReconnectingConnectionOptions = {
  databaseUrl: string;
  session?: SessionSettings;
  /** Runs the first statement, which shows that the connection works. May prepare later statements. */
  warmUp?(connection: Connection): Promise<unknown>;
  onOpen?(connection: Connection): void;
  /** The open connection was lost. */
  onLost?(): void;
  /** An attempt to open a connection failed. */
  onOpenFailed?(error: unknown): void;
};

/**
 * Keeps a connection open. While there is none, starts an attempt every `PARALLEL_ATTEMPT_INTERVAL_MS` while earlier ones
 * are pending, and at most `MAX_RETRY_DELAY_MS` after all have failed.
 */
export class ReconnectingConnection {
  /** The open connection; null while there is none. */
  current: Connection | null = null;
  #address: DatabaseAddress;
  #options: ReconnectingConnectionOptions;
  #closing = new AbortController();

  constructor(options: ReconnectingConnectionOptions) {
    this.#address = parseDatabaseUrl(options.databaseUrl);
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
        await this.#openUntilLost();
        retryDelay = MIN_RETRY_DELAY_MS;
      } catch {
        // `onOpenFailed` has reported each attempt.
      }
      await delay(retryDelay, undefined, { signal }).catch(() => {});
      retryDelay = Math.min(retryDelay * 2, MAX_RETRY_DELAY_MS);
    }
  }

  /** Opens a connection, and returns when it is lost. */
  async #openUntilLost(): Promise<void> {
    const { onOpen, onLost } = this.#options;
    const connection = await this.#raceAttempts();
    if (this.#closing.signal.aborted) return connection.abandon();
    this.current = connection;
    onOpen?.(connection);
    await connection.lost;
    this.current = null;
    onLost?.();
  }

  /**
   * Returns the first connection that opens. While the server does not respond, an attempt hangs until its timeout, even
   * if the server recovers meanwhile. So further attempts start in parallel.
   * @throws if all attempts have failed, or `close` was called
   */
  async #raceAttempts(): Promise<Connection> {
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
    const timer = setInterval(attempt, PARALLEL_ATTEMPT_INTERVAL_MS);
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
