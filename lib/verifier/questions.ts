import { log } from '#lib/log.ts';
import { Line } from './line.ts';
import { type Account, reasonOf } from './lookup.ts';

/** How long one question may take, tries on other connections included; the answer is then 503. */
const DEADLINE_MS = 2_000;
/** How often overdue questions are looked for: what an answer of 503 may be later than the deadline. */
const SWEEP_MS = 100;
const LINES = 4;
/** Questions under way on one connection at once. */
const MOST_ON_A_LINE = 64;
/** How many questions may wait; one more is answered 503 at once. */
const MOST_WAITING = 5_000;

/** The database could not be asked, or not in time. */
export class Unavailable extends Error {}

type Question = {
  digest: Buffer;
  askedAt: number;
  resolve(account: Account | null): void;
  reject(error: Unavailable): void;
};
type Desk = { line: Line; asked: Set<Question> };

/**
 * The verifier's questions to the database, spread over a few connections. Each is answered by a read that
 * began after the question was put, or not at all: nothing is remembered between questions. One whose
 * connection breaks is put again on another, within its deadline.
 */
export class Questions {
  #desks: Desk[];
  #waiting: Question[] = [];
  /** Since when no connection has been open; null while one is. */
  #awaySince: number | null = performance.now();
  /** Why no connection could be opened; null while that has not been said. */
  #lastReason: string | null = null;
  #sweeper: NodeJS.Timeout;
  #isClosed = false;

  constructor(databaseUrl: string) {
    this.#desks = Array.from({ length: LINES }, () => this.#openDesk(databaseUrl));
    // Answers that have come already are read first: a process that was held up blames no connection.
    this.#sweeper = setInterval(() => setImmediate(() => this.#sweep()), SWEEP_MS);
  }

  /**
   * The account whose present key has this digest.
   * @throws {Unavailable} within 2 seconds and a little
   */
  find(digest: Buffer): Promise<Account | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Account | null>();
    const askedAt = performance.now();
    // A database that has been away for long gets no queue before it: gateways are told at once.
    const isAway = this.#awaySince !== null && askedAt - this.#awaySince > DEADLINE_MS;
    if (isAway || this.#isClosed) reject(new Unavailable('the database is away'));
    else if (this.#waiting.length >= MOST_WAITING) reject(new Unavailable('too many questions are waiting'));
    else {
      this.#waiting.push({ digest, askedAt, resolve, reject });
      this.#dispatch();
    }
    return promise;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeper);
    for (const { line } of this.#desks) line.close();
    for (const question of this.#waiting.splice(0)) question.reject(new Unavailable('closing'));
  }

  #openDesk(databaseUrl: string): Desk {
    const asked = new Set<Question>();
    const line = new Line(databaseUrl, {
      opened: () => this.#opened(),
      lost: () => this.#lost(asked),
      failed: (error) => this.#failed(error),
    });
    return { line, asked };
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const desk = this.#freestDesk();
      const question = desk && this.#waiting.shift();
      if (!desk || !question) return;
      this.#put(question, desk);
    }
  }

  #freestDesk(): Desk | undefined {
    let freest: Desk | undefined;
    for (const desk of this.#desks) {
      if (!desk.line.connection?.isOpen || desk.asked.size >= MOST_ON_A_LINE) continue;
      if (!freest || desk.asked.size < freest.asked.size) freest = desk;
    }
    return freest;
  }

  #put(question: Question, { line, asked }: Desk): void {
    const { connection } = line;
    asked.add(question);
    connection?.find(question.digest).then(
      (account) => {
        // Not there any more: it was overdue, or put again elsewhere.
        if (asked.delete(question)) question.resolve(account);
        this.#dispatch();
      },
      // A statement that cannot fail by itself did: nothing more is asked on this connection.
      () => connection.giveUp(),
    );
  }

  #opened(): void {
    if (this.#lastReason !== null) log.info('verifier.database_open');
    this.#awaySince = null;
    this.#lastReason = null;
    this.#dispatch();
  }

  #lost(asked: Set<Question>): void {
    this.#waiting.unshift(...asked);
    asked.clear();
    if (this.#isClosed) this.close();
    if (this.#desks.every(({ line }) => line.connection === null)) this.#awaySince = performance.now();
    this.#dispatch();
  }

  #failed(error: unknown): void {
    if (this.#awaySince === null || this.#isClosed) return;
    const reason = reasonOf(error);
    if (reason !== this.#lastReason) log.warn('verifier.database_away', { reason });
    this.#lastReason = reason;
  }

  #sweep(): void {
    const before = performance.now() - DEADLINE_MS;
    const isOverdue = ({ askedAt }: Question) => askedAt < before;
    const overdue = this.#waiting.filter(isOverdue);
    if (overdue.length > 0) this.#waiting = this.#waiting.filter((question) => !isOverdue(question));
    for (const { line, asked } of this.#desks) {
      const late = [...asked].filter(isOverdue);
      for (const question of late) asked.delete(question);
      // The server, or the way to it, may have gone without a word: only another connection can tell.
      if (late.length > 0) line.connection?.giveUp();
      overdue.push(...late);
    }
    for (const { reject } of overdue) reject(new Unavailable('no answer in time'));
  }
}
