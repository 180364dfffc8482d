import type { IncomingMessage } from 'node:http';
import { digestKeyAsHex } from '#lib/api-keys/digest.ts';
import { AccountRateLimiter } from './account-rate-limiter.ts';
import { readCredential } from './credentials.ts';
import { type Account, findAccounts, LOOKUP_SESSION, NOBODY, openForLookups } from './lookup.ts';
import { Metrics } from './metrics.ts';
import { QueryBatcher } from './query-batcher.ts';
import {
  type HttpResponse,
  INACTIVE,
  overLimit,
  tooManyUnknownKeys,
  UNAVAILABLE,
  verified,
} from './responses.ts';
import type { VerifierTiming } from './timing.ts';
import { UnknownKeyLimiter } from './unknown-key-limiter.ts';
import { UsageCounter } from './usage.ts';

/**
 * Statements under way at once. While the database is at work on one, answers to another are written and the next one
 * fills; with two, one of the three had to wait (measured: a tenth slower).
 */
export const LINES = 3;
const MOST_IN_A_BATCH = 512;

export type VerificationOptions = {
  /** Where uses are counted and limits kept. */
  databaseUrl: string;
  /** Where keys are looked up. */
  lookupDatabaseUrl: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own; null: no limit. */
  requestsPerMinute: number | null;
  unknownKeysPerMinute: number;
  trustedProxies: number;
  /** What a key that is not good is answered. */
  invalid: HttpResponse;
  timing: VerifierTiming;
};

type Reply = (answer: HttpResponse) => void;

/** A request whose key is well-formed. `askedAt`: on the monotonic clock. */
type PendingVerification = {
  request: IncomingMessage | null;
  digest: string;
  username: string | null;
  askedAt: number;
  reply: Reply;
};

/**
 * Judges requests. Each answer rests on a read of the database that begins after the request arrived: nothing is
 * cached, and requests that arrive together share a statement that is sent after the last of them.
 */
export class Verification {
  readonly metrics: Metrics;
  #options: VerificationOptions;
  #lookups: QueryBatcher<PendingVerification, Account | null>;
  #limits: AccountRateLimiter;
  #usage: UsageCounter;
  #guesses: UnknownKeyLimiter;

  constructor(options: VerificationOptions) {
    const { databaseUrl, lookupDatabaseUrl, unknownKeysPerMinute: most, trustedProxies, timing } = options;
    const { deadlineMs, flushEveryMs, lastFlushMs } = timing;
    this.#options = options;
    this.metrics = new Metrics({ queueLength: () => this.#lookups.waiting + this.#limits.waiting });
    const onTrouble = () => this.metrics.databaseTrouble();
    this.#lookups = new QueryBatcher<PendingVerification, Account | null>({
      name: 'lookups',
      databaseUrl: lookupDatabaseUrl,
      session: LOOKUP_SESSION,
      lines: LINES,
      mostAtOnce: MOST_IN_A_BATCH,
      deadlineMs,
      ask: (connection, cases) =>
        findAccounts(
          connection,
          cases.map(({ digest }) => digest),
        ),
      askFirst: openForLookups,
      answer: (found, account) => this.#decide(found, account),
      fail: ({ reply }) => reply(UNAVAILABLE),
      onBatch: (size) => this.metrics.lookedUp(size),
      onTrouble,
    });
    this.#limits = new AccountRateLimiter(databaseUrl, { onTrouble, deadlineMs });
    this.#usage = new UsageCounter(databaseUrl, { onTrouble, flushEveryMs, lastFlushMs });
    this.#guesses = new UnknownKeyLimiter({ most, trustedProxies });
  }

  /** Answers a request at `/verify`, once. Whatever goes wrong, nobody is let through. */
  verify(request: IncomingMessage, send: Reply): void {
    const askedAt = performance.now();
    const reply = (answer: HttpResponse) => {
      this.metrics.answered(answer.status, performance.now() - askedAt);
      send(answer);
    };
    const credential = readCredential(request.rawHeaders, this.#options.apiKeyTag);
    if (!credential) {
      reply(this.#options.invalid);
      return;
    }
    const { key, username } = credential;
    this.#lookups.put({ request, digest: digestKeyAsHex(key), username, askedAt, reply });
  }

  /** Asks the database after nobody. @param tell told whether it answered */
  probe(tell: (isReady: boolean) => void): void {
    const reply = (answer: HttpResponse) => tell(answer !== UNAVAILABLE);
    this.#lookups.put({ request: null, digest: NOBODY, username: null, askedAt: performance.now(), reply });
  }

  /** Writes down the last uses, for some seconds at most, and hangs up. */
  async close(): Promise<void> {
    this.#limits.close();
    await this.#usage.close();
    this.#lookups.close();
  }

  #decide(asked: PendingVerification, account: Account | null): void {
    const { request, digest, username, reply } = asked;
    if (!account || (username !== null && username !== account.username)) {
      const seconds = request && this.#guesses.note(request, digest);
      reply(seconds === null ? this.#options.invalid : tooManyUnknownKeys(seconds));
      return;
    }
    if (!account.active) {
      this.#usage.note(account.id, 'inactive');
      reply(INACTIVE);
      return;
    }
    const limit = account.requestsPerMinute ?? this.#options.requestsPerMinute;
    if (limit === null) this.#allow(account, reply);
    else this.#allowWithin(limit, account, asked);
  }

  #allow(account: Account, reply: Reply): void {
    this.#usage.note(account.id, 'allowed');
    reply(verified(account, null));
  }

  #allowWithin(limit: number, account: Account, { askedAt, reply }: PendingVerification): void {
    this.#limits.spend(account.id, limit, askedAt, (verdict) => {
      if (!verdict) return reply(UNAVAILABLE);
      this.#usage.note(account.id, verdict.granted ? 'allowed' : 'limited');
      reply(verdict.granted ? verified(account, verdict) : overLimit(verdict));
    });
  }
}
