import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClientRequest,
  readClientSource,
  resolveClientIpAddress,
} from '#lib/platform/http/client-ip-address.ts';
import { log } from '#lib/platform/log.ts';
import { type Connection, describeError } from './connection.ts';
import { type LastUse, LastUses } from './last-uses.ts';
import { ReconnectingConnection } from './reconnecting-connection.ts';
import { SeenAddresses } from './seen-addresses.ts';
import { VERIFIER_TIMING } from './timing.ts';
import { writeAddresses } from './write-addresses.ts';
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
/** From how many sources of an account's requests IP addresses are read between two writes. */
const MAX_SOURCES = 16;

type UsageCounterOptions = {
  /** How many proxies in front this verifier trusts. Also written for the pages. */
  trustedProxies?: number;
  /** Called for each connection that was lost or could not be opened. */
  onConnectionError?: () => void;
  flushIntervalMs?: number;
  /** How often the last use of an account in constant use is written. */
  rewriteUseAfterMs?: number;
  /** How long `close` may take, after the flush in progress has ended. */
  finalFlushTimeoutMs?: number;
};

/** A request with an account's key. */
export type CountedRequest = {
  /** Null if the client is unknown. */
  request: ClientRequest | null;
  /** Digest of the key. */
  digest: string;
  /** On this process's monotonic clock. */
  arrivedAt: number;
  /** `isTest`: the page that shows a key tests it. The client's IP address is only that of the last use. */
  parameters: { isTest: boolean };
};

/** A count of the current interval, with what is not written for each of them. */
type CurrentCount = UsageCount & {
  /** Times of the last requests with the current and with the previous key that were allowed, if any. */
  usedAt: number | null;
  previousUsedAt: number | null;
  /** Digest of the current key that was used last; null if it was used only for tests. */
  usedDigest: string | null;
  /** IP address of the first request that was allowed; null until it is known. */
  ipAddress: string | null;
  /** What the IP addresses were read from. */
  sources: string[];
};

const createCount = (accountId: string, at: number): CurrentCount => ({
  accountId,
  at,
  allowed: 0,
  allowedPrevious: 0,
  inactive: 0,
  expired: 0,
  insufficientScope: 0,
  networkNotAllowed: 0,
  limited: 0,
  usedAt: null,
  previousUsedAt: null,
  usedDigest: null,
  ipAddress: null,
  sources: [],
});

type Flush = { number: number; counts: UsageCount[]; uses: LastUse[] };

/**
 * Counts each account's requests and records its last use and its clients' IP addresses, in memory, and writes them once a
 * second. Uses a separate connection, because a write that waits for a lock would delay the lookups on its connection. If
 * the process is killed while the database is available, it loses about a second of counts.
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
  #current = new Map<string, CurrentCount>();
  #lastUses: LastUses;
  #addresses = new SeenAddresses();
  /** What the last IP address was read from, and that address. */
  #lastSource: string | null = null;
  #lastIpAddress: string | null = null;
  #currentStartedAt = performance.now();
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #isFailing = false;
  #isFull = false;
  #isClosing = false;
  /** Makes the write in progress fail after its connection was lost. */
  #interruptWrite: (error: Error) => void = () => {};
  #finalFlushTimeoutMs: number;
  #trustedProxies: number;

  constructor(databaseUrl: string, options: UsageCounterOptions = {}) {
    const {
      flushIntervalMs,
      rewriteUseAfterMs,
      finalFlushTimeoutMs,
      trustedProxies = 0,
      onConnectionError = () => {},
    } = { ...VERIFIER_TIMING, ...options };
    this.#finalFlushTimeoutMs = finalFlushTimeoutMs;
    this.#trustedProxies = trustedProxies;
    this.#lastUses = new LastUses(rewriteUseAfterMs);
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

  /** Counts a request of an account. Records the client's IP address if the request was allowed or its network was not. */
  record(
    accountId: string,
    outcome: UsageOutcome,
    { request, digest, arrivedAt, parameters }: CountedRequest,
  ): void {
    let count = this.#current.get(accountId);
    if (!count) {
      if (this.#current.size + this.#pending.length >= MAX_COUNTS) {
        this.#logFull();
        return;
      }
      count = createCount(accountId, arrivedAt);
      this.#current.set(accountId, count);
    }
    count[outcome] += 1;
    const isAllowed = outcome === 'allowed' || outcome === 'allowedPrevious';
    if (request && !parameters.isTest && (isAllowed || outcome === 'networkNotAllowed'))
      this.#rememberAddress(count, isAllowed, request);
    if (!isAllowed) return;
    if (request && count.ipAddress === null)
      count.ipAddress = this.#readIpAddress(request, readClientSource(request, this.#trustedProxies));
    if (outcome === 'allowedPrevious') count.previousUsedAt = arrivedAt;
    else {
      count.usedAt = arrivedAt;
      if (!parameters.isTest) count.usedDigest = digest;
    }
  }

  /** Reads and remembers the IP address, unless a request from the same source has arrived in this interval. */
  #rememberAddress(count: CurrentCount, isAllowed: boolean, client: ClientRequest): void {
    const { accountId, sources } = count;
    const source = readClientSource(client, this.#trustedProxies);
    // A refused request must not hide an allowed one from the same source.
    const id = isAllowed ? source : `refused ${source}`;
    if (sources.length >= MAX_SOURCES || sources.includes(id)) return;
    sources.push(id);
    const ipAddress = this.#readIpAddress(client, source);
    if (ipAddress === null) return;
    if (isAllowed) count.ipAddress ??= ipAddress;
    this.#addresses.add(accountId, isAllowed, ipAddress);
  }

  /** Returns the client's IP address; null if it is unknown. Many requests in a row come from the same gateway or client. */
  #readIpAddress(client: ClientRequest, source: string): string | null {
    if (source !== this.#lastSource) {
      const address = resolveClientIpAddress(client, this.#trustedProxies);
      this.#lastSource = source;
      this.#lastIpAddress = address === 'unknown' ? null : address;
    }
    return this.#lastIpAddress;
  }

  /** Stops, and writes the remaining counts if that is possible within the timeout. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosing = true;
    await this.#flushing;
    const hasUnwritten = () =>
      this.#unconfirmed !== null ||
      this.#pending.length > 0 ||
      this.#current.size > 0 ||
      this.#lastUses.hasUntaken ||
      this.#addresses.unwritten.length > 0;
    const timeout = AbortSignal.timeout(this.#finalFlushTimeoutMs);
    timeout.addEventListener('abort', () => this.#connection.close());
    while (hasUnwritten() && !timeout.aborted) {
      await this.#flush();
      if (hasUnwritten()) await delay(100);
    }
    this.#connection.close();
  }

  async #flush(): Promise<void> {
    const connection = this.#connection.current;
    const canWrite = connection?.isOpen === true;
    if (canWrite || performance.now() - this.#currentStartedAt > MAX_INTERVAL_MS) this.#startInterval();
    if (!canWrite) return;
    for (let flush = this.#getNextFlush(); flush; flush = this.#getNextFlush()) {
      const written = { writer: this.#writer, trustedProxies: this.#trustedProxies, ...flush };
      if (!(await this.#write(connection, () => writeCounts(connection, written)))) return;
      this.#unconfirmed = null;
    }
    const addresses = [...this.#addresses.unwritten];
    if (addresses.length === 0) return;
    if (await this.#write(connection, () => writeAddresses(connection, addresses)))
      this.#addresses.confirm(addresses.length);
  }

  #startInterval(): void {
    for (const count of this.#current.values()) {
      this.#pending.push(count);
      this.#addLastUse(count);
    }
    this.#current = new Map();
    this.#currentStartedAt = performance.now();
  }

  #addLastUse({ accountId, usedAt, previousUsedAt, usedDigest, ipAddress }: CurrentCount): void {
    if (usedAt === null && previousUsedAt === null) return;
    this.#lastUses.add({ accountId, usedAt, previousUsedAt, ipAddress }, usedDigest);
  }

  /** Returns the unconfirmed flush if there is one, otherwise a new one, or null if there is nothing to write. */
  #getNextFlush(): Flush | null {
    if (this.#unconfirmed !== null) return this.#unconfirmed;
    const counts = this.#pending.splice(0, MAX_COUNTS_PER_STATEMENT);
    const uses = this.#isClosing
      ? this.#lastUses.takeAll(MAX_COUNTS_PER_STATEMENT)
      : this.#lastUses.takeDue(MAX_COUNTS_PER_STATEMENT);
    if (counts.length === 0 && uses.length === 0) return null;
    this.#lastNumber += 1;
    this.#unconfirmed = { number: this.#lastNumber, counts, uses };
    return this.#unconfirmed;
  }

  /** Runs a write, and returns whether it succeeded. */
  async #write(connection: Connection, write: () => Promise<void>): Promise<boolean> {
    const timer = setTimeout(() => connection.abandon(), FLUSH_TIMEOUT_MS);
    // Don't race `connection.lost`: each race would leak a handler for the connection's lifetime.
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#interruptWrite = reject;
    try {
      await Promise.race([write(), interrupted]);
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
