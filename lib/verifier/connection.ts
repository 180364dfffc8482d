import { Socket } from 'node:net';
import postgres from 'postgres';
import type { DatabaseAddress } from './database-address.ts';

/** From dialling to the first answer. */
const LONGEST_OPENING_MS = 2_000;
/** The server ends by itself what nobody waits for any more, such as statements behind a locked table. */
const LONGEST_STATEMENT_MS = 2_000;

/** What the server is told when a connection is opened: PostgreSQL's own settings, by name. */
export type SessionSettings = Record<string, string | number>;

function dial({ path, host, port }: DatabaseAddress): Socket {
  const socket = new Socket();
  if (path) return socket.connect(path);
  socket.setNoDelay().connect(port[0] ?? 0, host[0] ?? '');
  // Where the driver looks for the name that the server's certificate must have.
  return Object.assign(socket, { host: host[0] });
}

/** An error's code, else its message: neither holds a digest, a parameter or the address's password. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/**
 * One connection to the database, for single statements only (why: docs/decisions/001-two-drivers.md).
 *
 * The driver's own pool is not used: after a connection broke at a bad moment, `postgres` 3.4.9 keeps bytes of
 * it for the next one and may hang from then on; it has no deadline; and it leaves a socket open whose server
 * has gone silent. So each connection is a driver of its own (`max: 1`) on a socket that we dialled; once lost,
 * it is thrown away whole. Nothing is asked before it is open, and nothing after it was lost, which are the
 * moments when the driver throws where nobody can catch it.
 *
 * Parameters go as text: where a statement has to be prepared again (its table was altered), the driver
 * serialises the parameters a second time, which only text comes through unharmed.
 */
export class Connection {
  /** Resolves once the connection is gone, for whatever reason. */
  readonly lost: Promise<void>;
  readonly sql: postgres.Sql;
  #socket: Socket | undefined;
  #question = 0;
  #isGivenUp = false;
  #lose: () => void;

  private constructor(address: DatabaseAddress, session: SessionSettings) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#lose = resolve;
    const options = {
      ...address,
      max: 1,
      socket: () => {
        this.#socket = dial(address);
        if (this.#isGivenUp) this.#socket.destroy();
        return this.#socket;
      },
      onclose: () => this.abandon(),
      connect_timeout: LONGEST_OPENING_MS / 1_000,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      prepare: true,
      // The driver would print it.
      onnotice: () => {},
      connection: {
        application_name: 'stagedoor verifier',
        statement_timeout: LONGEST_STATEMENT_MS,
        ...session,
      },
    };
    this.sql = postgres(options as unknown as postgres.Options<Record<string, never>>);
  }

  /**
   * Opens a connection and asks it a first question.
   * @throws why it could not be opened
   */
  static async open(
    address: DatabaseAddress,
    session: SessionSettings,
    askFirst: (connection: Connection) => Promise<unknown>,
  ): Promise<Connection> {
    const connection = new Connection(address, session);
    const timer = setTimeout(() => connection.abandon(), LONGEST_OPENING_MS);
    const lost = connection.lost.then(() =>
      Promise.reject(new Error('the connection was not opened in time')),
    );
    try {
      await Promise.race([askFirst(connection), lost]);
      return connection;
    } catch (error) {
      connection.abandon();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get isOpen(): boolean {
    return !this.#isGivenUp;
  }

  /**
   * Numbers a question. Statements are pipelined, and the driver pairs answers with questions by counting; so each
   * answer has to repeat its question's number (`check`), and nobody is let in by another's answer.
   */
  nextQuestion(): number {
    this.#question = (this.#question + 1) % 2 ** 31;
    return this.#question;
  }

  /** @throws where an answer is another question's; the connection is then given up */
  check(row: { question: number } | undefined, question: number): void {
    if (row?.question === question) return;
    this.abandon();
    throw new Error('the answer belongs to another question');
  }

  /** Ends the connection at once; whatever was asked on it is not answered any more. */
  abandon(): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#lose();
    const hangUp = () => {
      // The driver only says goodbye, which a silent server never answers.
      if (this.#socket?.connecting) this.#socket.destroy();
      else this.#socket?.destroySoon();
    };
    this.sql.end({ timeout: 0 }).then(hangUp, hangUp);
  }
}
