import type { IncomingMessage } from 'node:http';
import { digestKeyAsHex } from '#lib/api-keys/api-key.ts';
import { AccountRateLimiter } from './account-rate-limiter.ts';
import { readCredential } from './credentials.ts';
import { type Account, findAccounts, LOOKUP_SESSION, UNASSIGNED_DIGEST, warmUpLookups } from './lookup.ts';
import { Metrics } from './metrics.ts';
import { QueryBatcher } from './query-batcher.ts';
import {
  type HttpResponse,
  INACTIVE,
  overLimit,
  tooManyUnknownKeys,
  UNAVAILABLE,
  validKey,
} from './responses.ts';
import type { VerifierTiming } from './timing.ts';
import { UnknownKeyLimiter } from './unknown-key-limiter.ts';
import { UsageCounter } from './usage-counter.ts';

/**
 * How many lookup statements may be in progress. While the database processes one, responses to the second are written
 * and the third fills. With only two connections, one of these waits (measured: 10 % slower).
 */
export const LOOKUP_CONNECTIONS = 3;
const MAX_BATCH_SIZE = 512;

export type VerificationOptions = {
  /** For usage counts and rate limits. */
  databaseUrl: string;
  /** For key lookups. */
  lookupDatabaseUrl: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own. Null: no limit. */
  requestsPerMinute: number | null;
  unknownKeysPerMinute: number;
  trustedProxies: number;
  /** The response to every invalid key. */
  invalidKeyResponse: HttpResponse;
  timing: VerifierTiming;
};

type Reply = (response: HttpResponse) => void;

/** A request with a well-formed key, waiting for its lookup. `request` is null for a readiness probe. */
type PendingVerification = {
  request: IncomingMessage | null;
  digest: string;
  username: string | null;
  /** On this process's monotonic clock. */
  arrivedAt: number;
  reply: Reply;
};

/**
 * Verifies requests. Each response is based on a database read that starts after the request arrived: nothing is
 * cached, and requests that arrive together share a statement that is sent after the last of them.
 */
export class Verification {
  readonly metrics: Metrics;
  #options: VerificationOptions;
  #lookups: QueryBatcher<PendingVerification, Account | null>;
  #accountLimiter: AccountRateLimiter;
  #unknownKeyLimiter: UnknownKeyLimiter;
  #usage: UsageCounter;

  constructor(options: VerificationOptions) {
    const { databaseUrl, lookupDatabaseUrl, unknownKeysPerMinute, trustedProxies, timing } = options;
    const { deadlineMs, flushIntervalMs, finalFlushTimeoutMs } = timing;
    this.#options = options;
    this.metrics = new Metrics({
      queueLength: () => this.#lookups.queueLength + this.#accountLimiter.queueLength,
    });
    const onConnectionError = () => this.metrics.recordConnectionError();
    this.#lookups = new QueryBatcher<PendingVerification, Account | null>({
      name: 'lookups',
      databaseUrl: lookupDatabaseUrl,
      session: LOOKUP_SESSION,
      connections: LOOKUP_CONNECTIONS,
      maxBatchSize: MAX_BATCH_SIZE,
      deadlineMs,
      query: (connection, batch) =>
        findAccounts(
          connection,
          batch.map(({ digest }) => digest),
        ),
      warmUp: warmUpLookups,
      onResult: (pending, account) => this.#decide(pending, account),
      onFailure: ({ reply }) => reply(UNAVAILABLE),
      onBatch: (size) => this.metrics.recordBatch(size),
      onConnectionError,
    });
    this.#accountLimiter = new AccountRateLimiter(databaseUrl, { onConnectionError, deadlineMs });
    this.#usage = new UsageCounter(databaseUrl, { onConnectionError, flushIntervalMs, finalFlushTimeoutMs });
    this.#unknownKeyLimiter = new UnknownKeyLimiter({
      maxKeysPerMinute: unknownKeysPerMinute,
      trustedProxies,
    });
  }

  /** Responds to a request at `/verify`, once. Fails closed: an error never results in a 200. */
  verify(request: IncomingMessage, send: Reply): void {
    const arrivedAt = performance.now();
    const reply = (response: HttpResponse) => {
      this.metrics.recordResponse(response.status, performance.now() - arrivedAt);
      send(response);
    };
    const credential = readCredential(request.rawHeaders, this.#options.apiKeyTag);
    if (!credential) {
      reply(this.#options.invalidKeyResponse);
      return;
    }
    const { key, username } = credential;
    this.#lookups.enqueue({ request, digest: digestKeyAsHex(key), username, arrivedAt, reply });
  }

  /** Runs a lookup that finds nothing, and reports whether the database responded. */
  checkReadiness(onResult: (isReady: boolean) => void): void {
    const reply = (response: HttpResponse) => onResult(response !== UNAVAILABLE);
    const arrivedAt = performance.now();
    this.#lookups.enqueue({ request: null, digest: UNASSIGNED_DIGEST, username: null, arrivedAt, reply });
  }

  /** Writes the remaining usage counts, for some seconds at most, and closes all connections. */
  async close(): Promise<void> {
    this.#accountLimiter.close();
    await this.#usage.close();
    this.#lookups.close();
  }

  #decide(pending: PendingVerification, account: Account | null): void {
    const { request, digest, username, reply } = pending;
    if (!account || (username !== null && username !== account.username)) {
      const seconds = request && this.#unknownKeyLimiter.record(request, digest);
      reply(seconds === null ? this.#options.invalidKeyResponse : tooManyUnknownKeys(seconds));
      return;
    }
    if (!account.active) {
      this.#usage.record(account.id, 'inactive');
      reply(INACTIVE);
      return;
    }
    const limit = account.requestsPerMinute ?? this.#options.requestsPerMinute;
    if (limit === null) this.#allow(account, reply);
    else this.#allowWithinLimit(limit, account, pending);
  }

  #allow(account: Account, reply: Reply): void {
    this.#usage.record(account.id, 'allowed');
    reply(validKey(account, null));
  }

  #allowWithinLimit(limit: number, account: Account, { arrivedAt, reply }: PendingVerification): void {
    this.#accountLimiter.consume(account.id, limit, arrivedAt, (result) => {
      if (!result) return reply(UNAVAILABLE);
      this.#usage.record(account.id, result.granted ? 'allowed' : 'limited');
      reply(result.granted ? validKey(account, result) : overLimit(result));
    });
  }
}
