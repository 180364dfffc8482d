import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { log } from '#lib/platform/log.ts';
import { type Connection, reasonOf } from './connection.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';
import { VERIFIER_TIMING } from './timing.ts';
import { type Count, writeCounts } from './write-counts.ts';

/** What a request of an account was answered: 200, 403 or 429. */
export type Use = 'allowed' | 'inactive' | 'limited';

/** The server ends a statement sooner (see `Connection`); one that takes longer has lost its server, and is sent again. */
const LONGEST_FLUSH_MS = 2_500;
const MOST_IN_A_STATEMENT = 2_000;
/** While nothing can be written, counts are kept apart for so long, so that each still goes to its minute. */
const LONGEST_SLOT_MS = 10_000;
/** How many counts are remembered while nothing can be written; further accounts are not counted then. */
const MOST_REMEMBERED = 200_000;

type UsageRecordOptions = {
  /** Called for each connection that was lost or could not be opened. */
  onTrouble?: () => void;
  flushEveryMs?: number;
  /** How long `close` may take. */
  lastFlushMs?: number;
};

type Flush = { number: number; counts: Count[] };

/**
 * How often, and when last, each account was used: kept in memory and written once a second, on a connection of
 * its own, since a write that waits would hold up the lookups behind it. A kill loses at most the last second.
 *
 * Nothing is counted twice: a flush whose outcome is not known (its connection broke) is sent again under the same
 * number, and the database takes each number of a writer once.
 */
export class UsageCounter {
  #line: ReconnectingConnection;
  #writer = randomUUID();
  #lastNumber = 0;
  /** Being written, and perhaps written already. */
  #unconfirmed: Flush | null = null;
  /** Earlier counts, oldest first. */
  #kept: Count[] = [];
  #slot = new Map<string, Count>();
  #slotBegan = performance.now();
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #isFailing = false;
  #isFull = false;
  /** Ends the waiting for a statement whose connection was lost. */
  #interrupt: (error: Error) => void = () => {};

  #lastFlushMs: number;

  constructor(databaseUrl: string, options: UsageRecordOptions = {}) {
    const { flushEveryMs, lastFlushMs, onTrouble = () => {} } = { ...VERIFIER_TIMING, ...options };
    this.#lastFlushMs = lastFlushMs;
    // The counts of a second are not worth waiting for a standby.
    this.#line = new ReconnectingConnection({
      databaseUrl,
      session: { synchronous_commit: 'local' },
      lost: () => {
        onTrouble();
        this.#interrupt(new Error('the connection was lost'));
      },
      failed: (error) => {
        onTrouble();
        this.#complain(error);
      },
    });
    this.#timer = setInterval(() => {
      this.#flushing = this.#flushing.then(() => this.#flush());
    }, flushEveryMs);
  }

  note(accountId: string, use: Use): void {
    let count = this.#slot.get(accountId);
    if (!count) {
      if (this.#slot.size + this.#kept.length >= MOST_REMEMBERED) {
        this.#sayFull();
        return;
      }
      count = { accountId, at: performance.now(), usedAt: null, allowed: 0, inactive: 0, limited: 0 };
      this.#slot.set(accountId, count);
    }
    count[use] += 1;
    if (use === 'allowed') count.usedAt = performance.now();
  }

  /** Writes what is left, if that can be done within seconds, and stops. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    const isLeft = () => this.#unconfirmed !== null || this.#kept.length > 0 || this.#slot.size > 0;
    const end = AbortSignal.timeout(this.#lastFlushMs);
    end.addEventListener('abort', () => this.#line.close());
    while (isLeft() && !end.aborted) {
      await this.#flush();
      if (isLeft()) await delay(100);
    }
    this.#line.close();
  }

  async #flush(): Promise<void> {
    const { connection } = this.#line;
    const canWrite = connection?.isOpen === true;
    if (canWrite || performance.now() - this.#slotBegan > LONGEST_SLOT_MS) this.#closeSlot();
    if (!canWrite) return;
    for (let flush = this.#nextFlush(); flush; flush = this.#nextFlush()) {
      if (!(await this.#write(connection, flush))) return;
      this.#unconfirmed = null;
    }
  }

  #closeSlot(): void {
    if (this.#slot.size > 0) this.#kept = [...this.#kept, ...this.#slot.values()];
    this.#slot = new Map();
    this.#slotBegan = performance.now();
  }

  /** The one that is not confirmed yet, as it was; else a new one, if there is anything to write. */
  #nextFlush(): Flush | null {
    if (this.#unconfirmed === null && this.#kept.length > 0) {
      this.#lastNumber += 1;
      this.#unconfirmed = { number: this.#lastNumber, counts: this.#kept.splice(0, MOST_IN_A_STATEMENT) };
    }
    return this.#unconfirmed;
  }

  async #write(connection: Connection, { number, counts }: Flush): Promise<boolean> {
    const timer = setTimeout(() => connection.abandon(), LONGEST_FLUSH_MS);
    // Not by the connection's own promise: what waits for that is kept for as long as the connection.
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#interrupt = reject;
    try {
      await Promise.race([writeCounts(connection, { writer: this.#writer, number, counts }), interrupted]);
      this.#isFailing = false;
      this.#isFull = false;
      return true;
    } catch (error) {
      this.#complain(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Once, until a flush succeeds again. */
  #complain(error: unknown): void {
    if (!this.#isFailing) log.warn('verifier.usage_not_written', { reason: reasonOf(error) });
    this.#isFailing = true;
  }

  #sayFull(): void {
    if (!this.#isFull) log.warn('verifier.uses_not_counted', { remembered: MOST_REMEMBERED });
    this.#isFull = true;
  }
}
