import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { log } from '#lib/platform/log.ts';
import { type Connection, describeError } from './connection.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';
import { VERIFIER_TIMING } from './timing.ts';
import { type UsageCount, writeCounts } from './write-counts.ts';

/** The outcome of a request that has an account's key: status 200 with the current or the previous key, 403 or 429. */
export type UsageOutcome =
  | 'allowed'
  | 'allowedPrevious'
  | 'inactive'
  | 'expired'
  | 'insufficientScope'
  | 'networkNotAllowed'
  | 'limited';

/** Longer than the server's own timeout (see `Connection`): after this, the connection is considered lost. */
const FLUSH_TIMEOUT_MS = 2_500;
const MAX_COUNTS_PER_STATEMENT = 2_000;
/** Longest interval of counts during an outage. Shorter than a minute, because counts are stored per minute. */
const MAX_INTERVAL_MS = 10_000;
/** How many counts are kept during an outage. Beyond that, only accounts with a count in this interval are counted. */
const MAX_COUNTS = 200_000;

type UsageCounterOptions = {
  /** Called for each connection that was lost or could not be opened. */
  onConnectionError?: () => void;
  flushIntervalMs?: number;
  /** How long `close` may take, after the flush in progress has ended. */
  finalFlushTimeoutMs?: number;
};

const createCount = (accountId: string): UsageCount => ({
  accountId,
  at: performance.now(),
  usedAt: null,
  previousUsedAt: null,
  ipAddress: null,
  allowed: 0,
  allowedPrevious: 0,
  inactive: 0,
  expired: 0,
  insufficientScope: 0,
  networkNotAllowed: 0,
  limited: 0,
});

type Flush = { number: number; counts: UsageCount[] };

/**
 * Counts each account's requests and records its last use, in memory, and writes both once a second. Uses a separate
 * connection, because a write that waits for a lock would delay the lookups on its connection. If the process is killed
 * while the database is available, it loses about a second of counts.
 *
 * Nothing is counted twice. If a connection breaks during a flush, the same flush is sent again with the same number,
 * and the database accepts each number of a writer once.
 */
export class UsageCounter {
  #connection: ReconnectingConnection;
  #writer = randomUUID();
  #lastNumber = 0;
  /** The flush in progress, or one whose connection was lost, so that it may or may not have been committed. */
  #unconfirmed: Flush | null = null;
  /** Counts of earlier intervals, oldest first. */
  #pending: UsageCount[] = [];
  /** Counts of the current interval, by account. */
  #current = new Map<string, UsageCount>();
  #currentStartedAt = performance.now();
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #isFailing = false;
  #isFull = false;
  /** Makes the write in progress fail after its connection was lost. */
  #interruptWrite: (error: Error) => void = () => {};
  #finalFlushTimeoutMs: number;

  constructor(databaseUrl: string, options: UsageCounterOptions = {}) {
    const {
      flushIntervalMs,
      finalFlushTimeoutMs,
      onConnectionError = () => {},
    } = { ...VERIFIER_TIMING, ...options };
    this.#finalFlushTimeoutMs = finalFlushTimeoutMs;
    this.#connection = new ReconnectingConnection({
      databaseUrl,
      // Do not wait for a standby: a failover may lose a second of counts.
      session: { synchronous_commit: 'local' },
      onLost: () => {
        onConnectionError();
        this.#interruptWrite(new Error('the connection was lost'));
      },
      onOpenFailed: (error) => {
        onConnectionError();
        this.#logFailure(error);
      },
    });
    this.#timer = setInterval(() => {
      this.#flushing = this.#flushing.then(() => this.#flush());
    }, flushIntervalMs);
  }

  /**
   * Counts a request of an account.
   * @param readIpAddress called only for the first allowed request between two writes, because it takes time
   */
  record(accountId: string, outcome: UsageOutcome, readIpAddress?: () => string | null): void {
    let count = this.#current.get(accountId);
    if (!count) {
      if (this.#current.size + this.#pending.length >= MAX_COUNTS) {
        this.#logFull();
        return;
      }
      count = createCount(accountId);
      this.#current.set(accountId, count);
    }
    count[outcome] += 1;
    if (outcome !== 'allowed' && outcome !== 'allowedPrevious') return;
    count.ipAddress ??= readIpAddress?.() ?? null;
    if (outcome === 'allowed') count.usedAt = performance.now();
    else count.previousUsedAt = performance.now();
  }

  /** Stops, and writes the remaining counts if that is possible within the timeout. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    const hasCounts = () => this.#unconfirmed !== null || this.#pending.length > 0 || this.#current.size > 0;
    const timeout = AbortSignal.timeout(this.#finalFlushTimeoutMs);
    timeout.addEventListener('abort', () => this.#connection.close());
    while (hasCounts() && !timeout.aborted) {
      await this.#flush();
      if (hasCounts()) await delay(100);
    }
    this.#connection.close();
  }

  async #flush(): Promise<void> {
    const connection = this.#connection.current;
    const canWrite = connection?.isOpen === true;
    if (canWrite || performance.now() - this.#currentStartedAt > MAX_INTERVAL_MS) this.#startInterval();
    if (!canWrite) return;
    for (let flush = this.#getNextFlush(); flush; flush = this.#getNextFlush()) {
      if (!(await this.#write(connection, flush))) return;
      this.#unconfirmed = null;
    }
  }

  #startInterval(): void {
    if (this.#current.size > 0) this.#pending = [...this.#pending, ...this.#current.values()];
    this.#current = new Map();
    this.#currentStartedAt = performance.now();
  }

  /** Returns the unconfirmed flush if there is one, otherwise a new one, or null if there is nothing to write. */
  #getNextFlush(): Flush | null {
    if (this.#unconfirmed === null && this.#pending.length > 0) {
      this.#lastNumber += 1;
      this.#unconfirmed = {
        number: this.#lastNumber,
        counts: this.#pending.splice(0, MAX_COUNTS_PER_STATEMENT),
      };
    }
    return this.#unconfirmed;
  }

  async #write(connection: Connection, { number, counts }: Flush): Promise<boolean> {
    const timer = setTimeout(() => connection.abandon(), FLUSH_TIMEOUT_MS);
    // Don't race `connection.lost`: each race would leak a handler for the connection's lifetime.
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#interruptWrite = reject;
    try {
      await Promise.race([writeCounts(connection, { writer: this.#writer, number, counts }), interrupted]);
      this.#isFailing = false;
      this.#isFull = false;
      return true;
    } catch (error) {
      this.#logFailure(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Logs the first failure since the last successful flush. */
  #logFailure(error: unknown): void {
    if (!this.#isFailing) log.warn('verifier.usage_not_written', { reason: describeError(error) });
    this.#isFailing = true;
  }

  #logFull(): void {
    if (!this.#isFull) log.warn('verifier.usage_not_counted', { limit: MAX_COUNTS });
    this.#isFull = true;
  }
}
