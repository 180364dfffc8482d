import { Socket } from 'node:net';
import postgres from 'postgres';
import { type DatabaseAddress, discardLibpqVariables, readTlsOptions } from '#db/database-url.ts';

/** Limit for opening a connection: from the start of the TCP connection to the first result. */
const OPEN_TIMEOUT_MS = 2_000;
/** After this, the server cancels a statement, for example one that waits for a locked table. */
const STATEMENT_TIMEOUT_MS = 2_000;

/** PostgreSQL parameters of a connection, by name. */
export type SessionSettings = Record<string, string | number>;

type WarmUp = (connection: Connection) => Promise<unknown>;

/** A pooler such as PgBouncer accepted the connection. */
class PoolerError extends Error {}

/** Reports whether a connection failed because of a pooler. PgBouncer refuses startup parameters that it does not know. */
const isFromPooler = (error: unknown) =>
  error instanceof PoolerError ||
  (error instanceof postgres.PostgresError && error.message.startsWith('unsupported startup parameter'));

/** The driver's errors name the socket's host and port. */
function openSocket({ host, port }: DatabaseAddress): Socket {
  const socket = new Socket();
  if (host.startsWith('/')) return socket.connect(`${host}/.s.PGSQL.${port}`);
  return Object.assign(socket.setNoDelay().connect(port, host), { host, port });
}

/** Returns an error's code, or its message if it has none. Neither contains a digest, a parameter or the password. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/**
 * Wraps one database connection, for single statements only (why: docs/decisions/001-two-drivers.md).
 *
 * Each connection is a separate driver instance (`max: 1`) on a socket that this class opens, and is discarded when it is
 * lost. This replaces the driver's own pool for three reasons. After a connection broke, `postgres` 3.4.9 may keep its
 * bytes for the next connection, and hang. The pool has no deadline. The pool leaves a socket open if the server no
 * longer responds.
 *
 * Send no statement before the connection is open or after it is lost: the driver would throw errors that cannot be
 * caught.
 *
 * Pass parameters as strings. If a statement has to be prepared again (its table was altered), the driver serialises
 * the parameters a second time, which only strings survive.
 */
export class Connection {
  /** Resolves when the connection is lost, for any reason. */
  readonly lost: Promise<void>;
  readonly sql: postgres.Sql;
  /** How many warnings the server has sent. */
  warningCount = 0;
  #socket: Socket | undefined;
  #sequence = 0;
  #isAbandoned = false;
  #resolveLost: () => void;

  private constructor(address: DatabaseAddress, session: SessionSettings, isPooled: boolean) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#resolveLost = resolve;
    const { host, port, user, password, database, tls } = address;
    discardLibpqVariables();
    const options = {
      ...{ host: [host], port: [port], user, password, database },
      ssl: readTlsOptions(address),
      ...(tls?.isDirect ? { sslnegotiation: 'direct' } : {}),
      max: 1,
      socket: () => {
        this.#socket = openSocket(address);
        if (this.#isAbandoned) this.#socket.destroy();
        return this.#socket;
      },
      onclose: () => this.abandon(),
      connect_timeout: OPEN_TIMEOUT_MS / 1_000,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      prepare: !isPooled,
      // By default, the driver prints notices. Checks the SQLSTATE, because the severity is in the server's language.
      onnotice: ({ code }: postgres.Notice) => {
        if (code?.startsWith('01')) this.warningCount += 1;
      },
      connection: {
        application_name: address.applicationName ?? 'stagedoor verifier',
        ...(address.options === undefined ? {} : { options: address.options }),
        ...(isPooled ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS, ...session }),
      },
    };
    this.sql = postgres(options as unknown as postgres.Options<Record<string, never>>);
  }

  /**
   * Opens a connection and runs a first statement on it.
   *
   * Behind a pooler such as PgBouncer, uses no session settings and no named prepared statements: in transaction mode,
   * each statement may run on another connection to PostgreSQL, which other clients use as well.
   * @throws the reason if it cannot be opened in time
   */
  static async open(address: DatabaseAddress, session: SessionSettings, warmUp: WarmUp): Promise<Connection> {
    try {
      return await Connection.#tryToOpen(new Connection(address, session, false), async (connection) => {
        const rows = await connection.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
        // A pooler gives its clients process ids of its own.
        if (rows.state.pid !== rows[0]?.pid) throw new PoolerError();
        await warmUp(connection);
      });
    } catch (error) {
      if (!isFromPooler(error)) throw error;
      return await Connection.#tryToOpen(new Connection(address, session, true), warmUp);
    }
  }

  static async #tryToOpen(connection: Connection, warmUp: WarmUp): Promise<Connection> {
    const timer = setTimeout(() => connection.abandon(), OPEN_TIMEOUT_MS);
    const failed = connection.lost.then(() =>
      Promise.reject(new Error('the connection was not opened in time')),
    );
    try {
      await Promise.race([warmUp(connection), failed]);
      return connection;
    } catch (error) {
      connection.abandon();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get isOpen(): boolean {
    return !this.#isAbandoned;
  }

  /**
   * Returns the sequence number of the next statement, which its result must repeat (`checkSequence`). The driver matches
   * pipelined results to statements only by counting, so an error there would give a request the result of another one.
   */
  nextSequence(): number {
    this.#sequence = (this.#sequence + 1) % 2 ** 31;
    return this.#sequence;
  }

  /**
   * Checks that a result belongs to its statement.
   * @throws if it does not; the connection is then abandoned
   */
  checkSequence(row: { sequence: number } | undefined, sequence: number): void {
    if (row?.sequence === sequence) return;
    this.abandon();
    throw new Error('the result belongs to another statement');
  }

  /** Ends the connection immediately. Statements in progress get no result. */
  abandon(): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#resolveLost();
    const closeSocket = () => {
      // The driver sends only a termination message, and a server that is down never acts on it.
      if (this.#socket?.connecting) this.#socket.destroy();
      else this.#socket?.destroySoon();
    };
    this.sql.end({ timeout: 0 }).then(closeSocket, closeSocket);
  }
}
