import { explainConnectionError } from '#db/connection-problems.ts';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { log } from '#lib/platform/log.ts';
import { type Connection, describeError, type SessionSettings } from './connection.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';
import { VERIFIER_TIMING } from './timing.ts';

/** How often overdue lookups are failed, and so how far past its deadline a lookup may fail. */
const SWEEP_INTERVAL_MS = 100;
/** How many lookups may be queued. Further ones fail immediately. */
const MAX_QUEUED = 5_000;

/** A unit of work for the database: the lookup of one request's key, or a quota lease of `AccountRateLimiter`. */
type Lookup = {
  /** When its request arrived, on this process's monotonic clock. Its deadline counts from here. */
  arrivedAt: number;
};

export type QueryBatcherOptions<L extends Lookup, R> = {
  /** Identifies the batcher in the log. */
  name: string;
  databaseUrl: string;
  /** The name of the variable that the URL is from. Default: DATABASE_URL. */
  setting?: string;
  session?: SessionSettings;
  /** How many connections there are, and so how many statements may be in progress at the same time. */
  connections: number;
  /** How many lookups one statement may contain. */
  maxBatchSize: number;
  /** How long a lookup may take, from the arrival of its request. */
  deadlineMs?: number;
  /** Queries the database in one statement. The results are in the order of the lookups. */
  query(connection: Connection, lookups: L[]): Promise<R[]>;
  /** Runs the first statement on each connection. */
  warmUp(connection: Connection): Promise<unknown>;
  /** Called once for each lookup, unless `onFailure` is called instead. If it throws, `onFailure` is called too. */
  onResult(lookup: L, result: R): void;
  /** Called if the database could not be queried in time, the queue is full or the batcher is closed. */
  onFailure(lookup: L): void;
  /** Called for each statement, with its number of lookups. */
  onBatch?(size: number): void;
  /** Called for each connection that was lost or could not be opened. */
  onConnectionError?(): void;
};

/** A connection, and the batch in progress on it. `batch` is null while the connection is idle. */
type Slot<L> = { connection: ReconnectingConnection; batch: L[] | null };

/**
 * Batches database lookups: those that arrive while statements are in progress share the next one. The busier the
 * database, the larger the batches (*self-clocked batching*).
 *
 * A result is as fresh as that of a separate query: each statement is sent after its lookups were enqueued, and
 * nothing is cached between statements. Lookups whose connection breaks are queued again until their deadline.
 */
export class QueryBatcher<L extends Lookup, R> {
  #options: QueryBatcherOptions<L, R>;
  #deadlineMs: number;
  #slots: Slot<L>[];
  #queue: L[] = [];
  /** The time since which no connection has been open; null while one is open. */
  #unavailableSince: number | null = performance.now();
  /** The last logged reason why no connection could be opened; null after one was opened. */
  #lastLoggedReason: string | null = null;
  #isScheduled = false;
  #sweeper: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: QueryBatcherOptions<L, R>) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? VERIFIER_TIMING.deadlineMs;
    this.#slots = Array.from({ length: options.connections }, () => this.#createSlot());
    // `setImmediate` lets results that have arrived be read first. Otherwise, lookups would fail after each pause of the
    // process.
    this.#sweeper = setInterval(() => setImmediate(() => this.#failOverdue()), SWEEP_INTERVAL_MS);
  }

  /** How many lookups wait to be sent. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /** Enqueues a lookup. It succeeds, or fails at the latest soon after its deadline. */
  enqueue(lookup: L): void {
    // After a long outage, fail immediately: gateways need a quick response, not a queue.
    const isUnavailable =
      this.#unavailableSince !== null && lookup.arrivedAt - this.#unavailableSince > this.#deadlineMs;
    if (isUnavailable || this.#isClosed || this.#queue.length >= MAX_QUEUED) {
      this.#options.onFailure(lookup);
      return;
    }
    this.#queue.push(lookup);
    this.#scheduleDispatch();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeper);
    for (const { connection } of this.#slots) connection.close();
    for (const lookup of this.#queue.splice(0)) this.#options.onFailure(lookup);
  }

  #createSlot(): Slot<L> {
    const { databaseUrl, session = {}, warmUp } = this.#options;
    const connection = new ReconnectingConnection({
      databaseUrl,
      session,
      warmUp,
      onOpen: () => this.#handleOpen(),
      onLost: () => this.#handleLost(slot),
      onOpenFailed: (error) => this.#handleOpenFailed(error),
    });
    const slot: Slot<L> = { connection, batch: null };
    return slot;
  }

  /** Dispatches after this iteration of the event loop, in which more lookups may be enqueued. */
  #scheduleDispatch(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (this.#queue.length === 0) return;
      const { current } = slot.connection;
      if (slot.batch === null && current?.isOpen) this.#send(slot, current);
    }
  }

  #send(slot: Slot<L>, connection: Connection): void {
    const { query, onBatch, maxBatchSize } = this.#options;
    const batch = this.#queue.splice(0, maxBatchSize);
    slot.batch = batch;
    onBatch?.(batch.length);
    query(connection, batch).then(
      (results) => {
        // The connection was lost while the query ran: its lookups have failed or are queued again.
        if (slot.batch !== batch) return;
        slot.batch = null;
        // Dispatch first, so that the database works while the responses are written.
        this.#dispatch();
        for (const [index, lookup] of batch.entries()) this.#deliver(lookup, results[index] as R);
      },
      // A valid statement fails only if the connection is broken or the server has cancelled it.
      () => connection.abandon(),
    );
  }

  /** Delivers one result. An error fails this lookup only, not the others of its batch. */
  #deliver(lookup: L, result: R): void {
    try {
      this.#options.onResult(lookup, result);
    } catch (error) {
      log.error('verifier.response_failed', error, { batcher: this.#options.name });
      this.#options.onFailure(lookup);
    }
  }

  #handleOpen(): void {
    if (this.#lastLoggedReason !== null)
      log.info('verifier.database_available', { batcher: this.#options.name });
    this.#unavailableSince = null;
    this.#lastLoggedReason = null;
    this.#dispatch();
  }

  #handleLost(slot: Slot<L>): void {
    this.#options.onConnectionError?.();
    this.#queue.unshift(...(slot.batch ?? []));
    slot.batch = null;
    // Fails the lookups that were just queued again.
    if (this.#isClosed) this.close();
    if (this.#slots.every(({ connection }) => connection.current === null)) {
      this.#unavailableSince = performance.now();
    }
    this.#dispatch();
  }

  #handleOpenFailed(error: unknown): void {
    this.#options.onConnectionError?.();
    if (this.#unavailableSince === null || this.#isClosed) return;
    const reason = describeError(error);
    if (reason !== this.#lastLoggedReason) {
      const { name: batcher, databaseUrl, setting = 'DATABASE_URL' } = this.#options;
      const advice = explainConnectionError(error, parseDatabaseUrl(databaseUrl), setting);
      log.warn('verifier.database_unavailable', { batcher, reason, advice });
    }
    this.#lastLoggedReason = reason;
  }

  #failOverdue(): void {
    const oldestAllowed = performance.now() - this.#deadlineMs;
    const isOverdue = ({ arrivedAt }: L) => arrivedAt < oldestAllowed;
    const overdue = this.#queue.filter(isOverdue);
    if (overdue.length > 0) this.#queue = this.#queue.filter((lookup) => !isOverdue(lookup));
    for (const slot of this.#slots) {
      const overdueInSlot = slot.batch?.filter(isOverdue) ?? [];
      if (overdueInSlot.length === 0) continue;
      overdue.push(...overdueInSlot);
      slot.batch = slot.batch?.filter((lookup) => !isOverdue(lookup)) ?? null;
      // The server or the network may be down without an error. Only a new connection shows whether it is.
      slot.connection.current?.abandon();
    }
    for (const lookup of overdue) this.#options.onFailure(lookup);
  }
}
