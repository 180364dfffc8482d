import { log } from '#lib/platform/log.ts';
import { type Connection, reasonOf, type SessionSettings } from './connection.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';
import { VERIFIER_TIMING } from './timing.ts';

/** How often overdue questions are looked for: what a failure may be later than the deadline. */
const SWEEP_MS = 100;
/** How many questions may wait; one more fails at once. */
const MOST_WAITING = 5_000;

type Lookup = {
  /** On this process's monotonic clock. */
  askedAt: number;
};

export type QueryBatcherOptions<Q extends Lookup, A> = {
  /** What the desk is for, in the log. */
  name: string;
  databaseUrl: string;
  session?: SessionSettings;
  /** How many connections there are, and so how many statements are under way at once. */
  lines: number;
  /** How many questions go into one statement. */
  mostAtOnce: number;
  /** How long a question may take. */
  deadlineMs?: number;
  /** Asks the database, in one statement. The answers are in the order of the questions. */
  ask(connection: Connection, questions: Q[]): Promise<A[]>;
  askFirst(connection: Connection): Promise<unknown>;
  /** Called once for each question, or else `fail` is. */
  answer(question: Q, answer: A): void;
  /** The database could not be asked, or not in time. */
  fail(question: Q): void;
  /** Told of each statement: how many questions it carries. */
  onBatch?(size: number): void;
  /** Told of each connection that was lost or could not be opened. */
  onTrouble?(): void;
};

type Slot<Q> = { line: ReconnectingConnection; asked: Q[] | null };

/**
 * Where questions to the database wait and are put together: those that come while a statement is under way go
 * into the next one, so the busier it is, the more of them share one (*self-clocked batching*).
 *
 * It never weakens what an answer rests on: a statement is sent after each of its questions was put, and nothing
 * is remembered between statements. Questions whose connection breaks are put again, on another or the next, until
 * their deadline.
 */
export class QueryBatcher<Q extends Lookup, A> {
  #options: QueryBatcherOptions<Q, A>;
  #deadlineMs: number;
  #places: Slot<Q>[];
  #waiting: Q[] = [];
  /** Since when no connection has been open; null while one is. */
  #awaySince: number | null = performance.now();
  /** Why no connection could be opened; null while that has not been said. */
  #lastReason: string | null = null;
  #isScheduled = false;
  #sweeper: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: QueryBatcherOptions<Q, A>) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? VERIFIER_TIMING.deadlineMs;
    this.#places = Array.from({ length: options.lines }, () => this.#openPlace());
    // Answers that have come already are read first: a process that was held up blames no connection.
    this.#sweeper = setInterval(() => setImmediate(() => this.#sweep()), SWEEP_MS);
  }

  /** How many questions wait for a statement to go into. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Puts a question: it is answered, or has failed soon after its deadline. */
  put(question: Q): void {
    // A database that has been away for long gets no queue before it: gateways are told at once.
    const isAway = this.#awaySince !== null && question.askedAt - this.#awaySince > this.#deadlineMs;
    if (isAway || this.#isClosed || this.#waiting.length >= MOST_WAITING) {
      this.#options.fail(question);
      return;
    }
    this.#waiting.push(question);
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeper);
    for (const { line } of this.#places) line.close();
    for (const question of this.#waiting.splice(0)) this.#options.fail(question);
  }

  #openPlace(): Slot<Q> {
    const { databaseUrl, session = {}, askFirst } = this.#options;
    const line = new ReconnectingConnection({
      databaseUrl,
      session,
      askFirst,
      opened: () => this.#opened(),
      lost: () => this.#lost(place),
      failed: (error) => this.#failed(error),
    });
    const place: Slot<Q> = { line, asked: null };
    return place;
  }

  /** After what this turn of the event loop brings: it may be more questions. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (const place of this.#places) {
      if (this.#waiting.length === 0) return;
      const { connection } = place.line;
      if (place.asked === null && connection?.isOpen) this.#send(place, connection);
    }
  }

  #send(place: Slot<Q>, connection: Connection): void {
    const { ask, onBatch, mostAtOnce } = this.#options;
    const batch = this.#waiting.splice(0, mostAtOnce);
    place.asked = batch;
    onBatch?.(batch.length);
    ask(connection, batch).then(
      (answers) => {
        // Not there any more: the connection was given up, and the questions failed or were put again.
        if (place.asked !== batch) return;
        place.asked = null;
        // First, so that the database is at work while the answers are written.
        this.#dispatch();
        for (const [index, question] of batch.entries()) this.#answer(question, answers[index] as A);
      },
      // A statement that cannot fail by itself did: nothing more is asked on this connection.
      () => connection.abandon(),
    );
  }

  /** Whatever goes wrong with one question, the others are answered, and this one fails. */
  #answer(question: Q, answer: A): void {
    try {
      this.#options.answer(question, answer);
    } catch (error) {
      log.error('verifier.answer', error, { desk: this.#options.name });
      this.#options.fail(question);
    }
  }

  #opened(): void {
    if (this.#lastReason !== null) log.info('verifier.database_open', { desk: this.#options.name });
    this.#awaySince = null;
    this.#lastReason = null;
    this.#dispatch();
  }

  #lost(place: Slot<Q>): void {
    this.#options.onTrouble?.();
    this.#waiting.unshift(...(place.asked ?? []));
    place.asked = null;
    if (this.#isClosed) this.close();
    if (this.#places.every(({ line }) => line.connection === null)) this.#awaySince = performance.now();
    this.#dispatch();
  }

  #failed(error: unknown): void {
    this.#options.onTrouble?.();
    if (this.#awaySince === null || this.#isClosed) return;
    const reason = reasonOf(error);
    if (reason !== this.#lastReason) {
      log.warn('verifier.database_away', { desk: this.#options.name, reason });
    }
    this.#lastReason = reason;
  }

  #sweep(): void {
    const before = performance.now() - this.#deadlineMs;
    const isOverdue = ({ askedAt }: Q) => askedAt < before;
    const overdue = this.#waiting.filter(isOverdue);
    if (overdue.length > 0) this.#waiting = this.#waiting.filter((question) => !isOverdue(question));
    for (const place of this.#places) {
      const late = place.asked?.filter(isOverdue) ?? [];
      if (late.length === 0) continue;
      overdue.push(...late);
      place.asked = place.asked?.filter((question) => !isOverdue(question)) ?? null;
      // The server, or the way to it, may have gone without a word: only another connection can tell.
      place.line.connection?.abandon();
    }
    for (const question of overdue) this.#options.fail(question);
  }
}
