import type { Connection } from './connection.ts';
import { QueryBatcher } from './query-batcher.ts';

export type RateLimitResult = {
  granted: boolean;
  /** Requests per minute. */
  limit: number;
  /** Requests remaining in this minute. An estimate if several verifiers share the limit. */
  left: number;
  /** Seconds until the next minute begins. */
  seconds: number;
};

type OnResult = (result: RateLimitResult | null) => void;
/** Waiting requests of one account, and the lease that they will share. */
type LeaseRequest = { accountId: string; limit: number; waiting: OnResult[]; arrivedAt: number };
type WindowRow = { sequence: number; id: string; minute: number; leased: number; milliseconds: number };
/** `ownLeft`: leased by this verifier and not used yet. `sharedLeft`: not leased by any verifier when last read. */
type QuotaLease = { limit: number; ownLeft: number; sharedLeft: number };
type LeaseGrant = { granted: number; sharedLeft: number; minute: number; endsAt: number };

/** A lease is a hundredth of the account's limit. Below 200 per minute, each request is leased separately. */
const LEASES_PER_MINUTE = 100;
const SECONDS_PER_MINUTE = 60;
const MAX_BATCH_SIZE = 1_000;
/** How many requests may wait for a lease. Another one gets 503 immediately. */
const MAX_WAITING = 5_000;

/** Returns how many requests to lease: those that wait, or a full lease if that is more. */
const leaseSize = ({ waiting, limit }: LeaseRequest) =>
  Math.min(limit, Math.max(waiting.length, Math.floor(limit / LEASES_PER_MINUTE)));

/**
 * Adds `wanted` requests to each account's minute, by the database's clock, and returns the new totals.
 *
 * A statement from an earlier minute that waited for a row lock counts into the later minute. A row more than a minute
 * ahead was written before the clock was set back, and starts again. Rows are locked in the order of their ids, so
 * that two verifiers cannot deadlock.
 */
async function leaseQuota(
  connection: Connection,
  wantedById: ReadonlyMap<string, number>,
): Promise<WindowRow[]> {
  const sequence = connection.nextSequence();
  const ids = `{${[...wantedById.keys()].join(',')}}`;
  const wanted = `{${[...wantedById.values()].join(',')}}`;
  const rows = await connection.sql<WindowRow[]>`
    insert into request_windows as existing (account_id, minute, leased)
    select id, date_trunc('minute', now()), wanted
    from unnest(${ids}::text::uuid[], ${wanted}::text::int4[]) as requested (id, wanted)
    order by id
    on conflict (account_id) do update set (minute, leased) = (
      select case when counts then existing.minute else excluded.minute end,
        excluded.leased + case when counts then existing.leased else 0 end
      from (select existing.minute between excluded.minute and excluded.minute + interval '1 minute') as row (counts)
    )
    returning ${sequence}::int4 as sequence, account_id as id, leased,
      extract(epoch from minute)::int4 as minute,
      (extract(epoch from minute + interval '1 minute' - now()) * 1000)::int4 as milliseconds`;
  connection.checkSequence(rows[0], sequence);
  return rows;
}

/**
 * Limits each account's requests per minute, across all verifiers.
 *
 * Each verifier leases quota from the account's minute, which is one row for all of them, and grants no more than it
 * leased. A minute's limit is never exceeded. Leased quota that a verifier does not use, up to a hundredth of the
 * limit, is unavailable to the others until the minute ends.
 */
export class AccountRateLimiter {
  #batcher: QueryBatcher<LeaseRequest, LeaseGrant>;
  /** The current minute's leases, by account. */
  #leases = new Map<string, QuotaLease>();
  /** When the current minute began, by the database's clock. Seconds since the epoch. */
  #minute = 0;
  /** The latest end of the current minute, on this process's monotonic clock. */
  #endsAt = 0;
  /** Lease requests that are not sent yet, by account: further requests of the account join them. */
  #joinable = new Map<string, LeaseRequest>();
  #waitingCount = 0;

  /** @param options.onConnectionError called for each connection that was lost or could not be opened */
  constructor(databaseUrl: string, options: { onConnectionError?: () => void; deadlineMs?: number } = {}) {
    this.#batcher = new QueryBatcher<LeaseRequest, LeaseGrant>({
      name: 'limits',
      databaseUrl,
      connections: 1,
      maxBatchSize: MAX_BATCH_SIZE,
      query: (connection, requests) => this.#lease(connection, requests),
      warmUp: ({ sql }) => sql`select from request_windows limit 0`,
      onResult: (request, grant) => this.#distribute(request, grant),
      onFailure: (request) => {
        this.#closeToJoining(request);
        for (const onResult of this.#releaseWaiting(request)) onResult(null);
      },
      ...options,
    });
  }

  /**
   * Consumes one request of an account's quota.
   * @param arrivedAt when the request arrived, on this process's monotonic clock; its deadline counts from here
   * @param onResult called once, now or later; with null if the database could not be queried
   */
  consume(accountId: string, limit: number, arrivedAt: number, onResult: OnResult): void {
    const now = performance.now();
    const lease = now < this.#endsAt ? this.#leases.get(accountId) : undefined;
    if (lease?.limit === limit && lease.ownLeft > 0) {
      lease.ownLeft -= 1;
      onResult(this.#createResult(true, lease, now));
    } else if (lease?.limit === limit && lease.sharedLeft === 0) {
      onResult(this.#createResult(false, lease, now));
    } else if (this.#waitingCount >= MAX_WAITING) {
      onResult(null);
    } else {
      this.#waitForLease(accountId, limit, arrivedAt, onResult);
    }
  }

  /** How many requests wait for a lease. */
  get queueLength(): number {
    return this.#waitingCount;
  }

  close(): void {
    this.#batcher.close();
  }

  #waitForLease(accountId: string, limit: number, arrivedAt: number, onResult: OnResult): void {
    this.#waitingCount += 1;
    const joined = this.#joinable.get(accountId);
    if (joined) {
      joined.waiting.push(onResult);
      // If the limit was changed meanwhile, it is unknown which value is newer. Apply the lower one until the next lease.
      joined.limit = Math.min(joined.limit, limit);
      joined.arrivedAt = Math.min(joined.arrivedAt, arrivedAt);
      return;
    }
    const request: LeaseRequest = { accountId, limit, waiting: [onResult], arrivedAt };
    this.#joinable.set(accountId, request);
    this.#batcher.enqueue(request);
  }

  #createResult(granted: boolean, { limit, ownLeft, sharedLeft }: QuotaLease, now: number): RateLimitResult {
    const seconds = Math.max(1, Math.ceil((this.#endsAt - now) / 1_000));
    return { granted, limit, left: ownLeft + sharedLeft, seconds };
  }

  async #lease(connection: Connection, requests: LeaseRequest[]): Promise<LeaseGrant[]> {
    const sentAt = performance.now();
    for (const request of requests) this.#closeToJoining(request);
    // Sum per account: a request that is sent again may meet a later one of the same account.
    const wanted = new Map<string, number>();
    for (const request of requests) {
      wanted.set(request.accountId, (wanted.get(request.accountId) ?? 0) + leaseSize(request));
    }
    const rows = await leaseQuota(connection, wanted);
    const rowsById = new Map(rows.map((row) => [row.id, row]));
    return requests.map((request) => {
      const row = rowsById.get(request.accountId);
      if (!row) throw new Error('no rate-limit window was returned for an account');
      const remaining = wanted.get(request.accountId) ?? 0;
      wanted.set(request.accountId, remaining - leaseSize(request));
      const available = Math.max(0, request.limit - (row.leased - remaining));
      return {
        granted: Math.min(leaseSize(request), available),
        sharedLeft: Math.max(0, request.limit - row.leased),
        minute: row.minute,
        // The database read its clock after `sentAt`, so the minute ends no earlier than this.
        endsAt: sentAt + row.milliseconds,
      };
    });
  }

  /** Grants the lease to the waiting requests in their order, and keeps the rest. */
  #distribute(request: LeaseRequest, { granted, sharedLeft, minute, endsAt }: LeaseGrant): void {
    const now = performance.now();
    const wasClockSetBack = minute < this.#minute - SECONDS_PER_MINUTE;
    if (minute > this.#minute || wasClockSetBack) {
      this.#leases = new Map();
      this.#minute = minute;
      this.#endsAt = endsAt;
    }
    if (minute === this.#minute) this.#endsAt = Math.max(this.#endsAt, endsAt);
    const waiting = this.#releaseWaiting(request);
    const lease: QuotaLease = { limit: request.limit, ownLeft: granted, sharedLeft };
    for (const onResult of waiting) {
      const isGranted = lease.ownLeft > 0;
      if (isGranted) lease.ownLeft -= 1;
      onResult(this.#createResult(isGranted, lease, now));
    }
    if (minute !== this.#minute) return;
    const existing = this.#leases.get(request.accountId);
    if (existing?.limit === lease.limit) lease.ownLeft += existing.ownLeft;
    this.#leases.set(request.accountId, lease);
  }

  /** Makes later requests of the account start a lease request of their own. */
  #closeToJoining(request: LeaseRequest): void {
    if (this.#joinable.get(request.accountId) === request) this.#joinable.delete(request.accountId);
  }

  #releaseWaiting(request: LeaseRequest): OnResult[] {
    this.#waitingCount -= request.waiting.length;
    return request.waiting.splice(0);
  }
}
