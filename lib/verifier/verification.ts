import { digestKeyAsHex } from '#lib/api-keys/api-key.ts';
import { type ClientRequest, resolveClientIpAddress } from '#lib/platform/http/client-ip-address.ts';
import { normalizeUsername } from '#lib/platform/user-input/name.ts';
import { AccountRateLimiter, type RateLimitResult } from './account-rate-limiter.ts';
import { isInNetworks } from './allowed-networks.ts';
import { readCredential } from './credentials.ts';
import { getLookupSetting } from './find-lookup-problem.ts';
import { type Account, findAccounts, LOOKUP_SESSION, UNASSIGNED_DIGEST, warmUpLookups } from './lookup.ts';
import { PreviousKeyEnder } from './previous-key-ender.ts';
import { QueryBatcher } from './query-batcher.ts';
import {
  createOverLimitResponse,
  createTooManyUnknownKeysResponse,
  EXPIRED_ACCOUNT_RESPONSE,
  type HttpResponse,
  INACTIVE_ACCOUNT_RESPONSE,
  INSUFFICIENT_SCOPE_RESPONSE,
  NETWORK_NOT_ALLOWED_RESPONSE,
  UNAVAILABLE_RESPONSE,
} from './responses.ts';
import { parseScopeList } from './scope-list.ts';
import type { VerifierTiming } from './timing.ts';
import { UnknownKeyLimiter } from './unknown-key-limiter.ts';
import { UsageCounter, type UsageOutcome } from './usage-counter.ts';
import { NO_PARAMETERS, type VerifyParameters } from './verify-parameters.ts';

/**
 * How many lookup statements may be in progress. While the database processes one, the responses to the second are
 * written and the lookups of the third arrive. With two connections, one of these would have to wait (measured: 10 %
 * slower).
 */
export const LOOKUP_CONNECTIONS = 3;
const MAX_BATCH_SIZE = 512;

/** A request that is verified: one of Node.js's HTTP server, or what an API in the same process knows of it. */
export type VerifiedRequest = ClientRequest & {
  /** Alternating names and values. */
  rawHeaders: readonly string[];
};

/** What is measured of verifications. */
export type VerificationMetrics = {
  /** @param milliseconds from the request's arrival to its response */
  recordResponse(status: number, milliseconds: number): void;
  recordBatch(size: number): void;
  recordConnectionError(): void;
};

export type VerificationOptions<Allowed> = {
  /** For usage counts and rate limits. */
  databaseUrl: string;
  /** For key lookups. */
  lookupDatabaseUrl: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own. Null: no limit. */
  requestsPerMinute: number | null;
  unknownKeysPerMinute: number;
  trustedProxies: number;
  /** Sent for every invalid key. */
  invalidKeyResponse: HttpResponse;
  /** Creates the result for a request that is allowed. `rateLimit` is null if the account has no limit. */
  createAllowed(account: Account, rateLimit: RateLimitResult | null): Allowed;
  metrics: VerificationMetrics;
  timing: VerifierTiming;
};

/** Receives the result for a request that is allowed, or the response with which it must be refused. */
type Reply<Allowed> = (result: Allowed | HttpResponse) => void;

/** Checks the username of Basic credentials. It may have been copied from where the administrator copied it. */
function isUsername(username: string | null, account: Account): boolean {
  if (username === null || username === account.username) return true;
  return normalizeUsername(username) === account.username;
}

/** Returns whether an account has all of the required scopes. */
function hasScopes({ scopes }: Account, required: readonly string[]): boolean {
  if (scopes === null || required.length === 0) return true;
  const { names } = parseScopeList(scopes);
  return required.every((name) => names.has(name));
}

/** A response to the right key that is counted, but consumes no quota. */
type Refusal = { outcome: UsageOutcome; response: HttpResponse };

const REFUSALS = {
  inactive: { outcome: 'inactive', response: INACTIVE_ACCOUNT_RESPONSE },
  expired: { outcome: 'expired', response: EXPIRED_ACCOUNT_RESPONSE },
  networkNotAllowed: { outcome: 'networkNotAllowed', response: NETWORK_NOT_ALLOWED_RESPONSE },
  insufficientScope: { outcome: 'insufficientScope', response: INSUFFICIENT_SCOPE_RESPONSE },
} satisfies Record<string, Refusal>;

/** A request with a well-formed key that waits for its lookup. `request` is null for a readiness check. */
type PendingVerification<Allowed> = {
  request: VerifiedRequest | null;
  digest: string;
  username: string | null;
  parameters: VerifyParameters;
  /** On this process's monotonic clock. */
  arrivedAt: number;
  reply: Reply<Allowed>;
};

type Answerable<Allowed> = Pick<PendingVerification<Allowed>, 'request' | 'arrivedAt' | 'reply'>;

/**
 * Verifies requests, for the HTTP server or for an API in the same process (clients/verifier). Each decision about a
 * well-formed key is based on a database read that starts after the request arrived. Nothing is cached. Requests that
 * arrive together share a statement, which is sent after the last of them.
 */
export class Verification<Allowed> {
  #options: VerificationOptions<Allowed>;
  #lookups: QueryBatcher<PendingVerification<Allowed>, Account | null>;
  #accountLimiter: AccountRateLimiter;
  #previousKeyEnder: PreviousKeyEnder;
  #unknownKeyLimiter: UnknownKeyLimiter;
  #usage: UsageCounter;

  constructor(options: VerificationOptions<Allowed>) {
    const { databaseUrl, lookupDatabaseUrl, unknownKeysPerMinute, trustedProxies, timing, metrics } = options;
    const { deadlineMs } = timing;
    this.#options = options;
    const onConnectionError = () => metrics.recordConnectionError();
    this.#lookups = new QueryBatcher<PendingVerification<Allowed>, Account | null>({
      name: 'lookups',
      databaseUrl: lookupDatabaseUrl,
      setting: getLookupSetting(options),
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
      onFailure: (pending) => this.#respond(pending, UNAVAILABLE_RESPONSE),
      onBatch: (size) => metrics.recordBatch(size),
      onConnectionError,
    });
    this.#accountLimiter = new AccountRateLimiter(databaseUrl, { onConnectionError, deadlineMs });
    this.#previousKeyEnder = new PreviousKeyEnder(databaseUrl, { onConnectionError, deadlineMs });
    this.#usage = new UsageCounter(databaseUrl, { trustedProxies, onConnectionError, ...timing });
    this.#unknownKeyLimiter = new UnknownKeyLimiter({
      maxKeysPerMinute: unknownKeysPerMinute,
      trustedProxies,
    });
  }

  /** How many requests wait for a statement. */
  get queueLength(): number {
    return this.#lookups.queueLength + this.#accountLimiter.queueLength;
  }

  /** Replies once. Fails closed: an error never results in an allowed request. */
  verify(request: VerifiedRequest, parameters: VerifyParameters, reply: Reply<Allowed>): void {
    const arrivedAt = performance.now();
    const credential = readCredential(request.rawHeaders, this.#options.apiKeyTag);
    if (!credential) {
      this.#respond({ request, arrivedAt, reply }, this.#options.invalidKeyResponse);
      return;
    }
    const { key, username } = credential;
    this.#lookups.enqueue({ request, digest: digestKeyAsHex(key), username, parameters, arrivedAt, reply });
  }

  /** Runs a lookup that finds no account, and reports whether the database responded. */
  checkReadiness(onResult: (isReady: boolean) => void): void {
    const reply = (result: Allowed | HttpResponse) => onResult(result !== UNAVAILABLE_RESPONSE);
    const arrivedAt = performance.now();
    const credential = { digest: UNASSIGNED_DIGEST, username: null };
    this.#lookups.enqueue({ request: null, ...credential, parameters: NO_PARAMETERS, arrivedAt, reply });
  }

  /** Writes the remaining usage counts, for some seconds at most, and closes all connections. */
  async close(): Promise<void> {
    this.#accountLimiter.close();
    this.#previousKeyEnder.close();
    await this.#usage.close();
    this.#lookups.close();
  }

  #decide(pending: PendingVerification<Allowed>, account: Account | null): void {
    const { request, digest, username } = pending;
    if (!account || !isUsername(username, account)) {
      const seconds = request && this.#unknownKeyLimiter.record(request, digest);
      this.#respond(
        pending,
        seconds === null ? this.#options.invalidKeyResponse : createTooManyUnknownKeysResponse(seconds),
      );
      return;
    }
    const refusal = this.#findRefusal(account, pending);
    if (refusal) {
      this.#usage.record(account.id, refusal.outcome, pending);
      this.#respond(pending, refusal.response);
      return;
    }
    const limit = account.requestsPerMinute ?? this.#options.requestsPerMinute;
    if (limit === null) this.#allow(account, pending, null);
    else this.#allowWithinLimit(limit, account, pending);
  }

  /** Returns why a request with the right key is refused without consuming quota; null if it is not. */
  #findRefusal(account: Account, { request, parameters }: PendingVerification<Allowed>): Refusal | null {
    if (account.status !== null) return REFUSALS[account.status];
    if (account.networks !== null) {
      const ipAddress = request ? resolveClientIpAddress(request, this.#options.trustedProxies) : 'unknown';
      if (!isInNetworks(ipAddress, account.networks)) return REFUSALS.networkNotAllowed;
    }
    return hasScopes(account, parameters.scopes) ? null : REFUSALS.insufficientScope;
  }

  #allowWithinLimit(limit: number, account: Account, pending: PendingVerification<Allowed>): void {
    this.#accountLimiter.consume(account.id, limit, pending.arrivedAt, (result) => {
      if (!result) this.#respond(pending, UNAVAILABLE_RESPONSE);
      else if (result.isGranted) this.#allow(account, pending, result);
      else {
        this.#usage.record(account.id, 'limited', pending);
        this.#respond(pending, createOverLimitResponse(result));
      }
    });
  }

  /** Allows a request, after it has ended the account's previous key if that ends with the first use of the new one. */
  #allow(account: Account, pending: PendingVerification<Allowed>, result: RateLimitResult | null): void {
    if (!account.endsPreviousKey || pending.parameters.isTest) {
      this.#reply(account, pending, result);
      return;
    }
    this.#previousKeyEnder.end(account.id, pending.digest, pending.arrivedAt, (hasEnded) => {
      if (hasEnded) this.#reply(account, pending, result);
      else this.#respond(pending, UNAVAILABLE_RESPONSE);
    });
  }

  /** Counts an allowed request, records the client's IP address, and replies. */
  #reply(account: Account, pending: PendingVerification<Allowed>, result: RateLimitResult | null): void {
    this.#usage.record(account.id, account.isPreviousKey ? 'allowedPrevious' : 'allowed', pending);
    const allowed = this.#options.createAllowed(account, result);
    this.#measure(pending, 200);
    pending.reply(allowed);
  }

  #respond(pending: Answerable<Allowed>, response: HttpResponse): void {
    this.#measure(pending, response.status);
    pending.reply(response);
  }

  #measure({ request, arrivedAt }: Answerable<Allowed>, status: number): void {
    if (request) this.#options.metrics.recordResponse(status, performance.now() - arrivedAt);
  }
}
