import type { Connection } from './connection.ts';
import { QueryBatcher } from './query-batcher.ts';

export type RateLimitResult = {
  isGranted: boolean;
  /** Requests per minute. */
  limit: number;
  /** Requests that remain in this minute. An estimate if several verifiers share the limit. */
  remaining: number;
  /** Seconds until the next minute begins. */
  secondsUntilReset: number;
};

type OnResult = (result: RateLimitResult | null) => void;
/** A request for quota: the waiting requests of one account share the lease. */
type LeaseRequest = { accountId: string; limit: number; waiting: OnResult[]; arrivedAt: number };
type WindowRow = { sequence: number; id: string; minute: number; leased: number; millisecondsLeft: number };
/** `ownLeft`: leased by this verifier and not used yet. `sharedLeft`: not leased by any verifier, as last read. */
type QuotaLease = { limit: number; ownLeft: number; sharedLeft: number };
type LeaseGrant = { grantedQuota: number; sharedLeft: number; minute: number; endsAt: number };

/**
 * A lease is a hundredth of the account's limit, or more if more requests wait. With a limit below 200, nothing is leased
 * in advance.
 */
const LEASES_PER_MINUTE = 100;
const SECONDS_PER_MINUTE = 60;
const MAX_BATCH_SIZE = 1_000;
/** How many requests may wait for a lease. Further ones get 503 immediately. */
const MAX_WAITING = 5_000;

/** Returns how many requests to lease: those that wait, or a hundredth of the limit if that is more. */
const computeLeaseSize = ({ waiting, limit }: LeaseRequest) =>
  Math.min(limit, Math.max(waiting.length, Math.floor(limit / LEASES_PER_MINUTE)));

/**
 * Adds `wanted` requests to each account's minute, by the database's clock, and returns the new totals.
 *
 * If a statement waited for a row lock while a new minute began, it counts into the new minute. A row that is more than
 * a minute ahead was written before the clock was set back, and starts again. Rows are locked in the order of their ids,
 * so that two verifiers cannot deadlock.
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
      (extract(epoch from minute + interval '1 minute' - now()) * 1000)::int4 as "millisecondsLeft"`;
  connection.checkSequence(rows[0], sequence);
  return rows;
}

/**
 * Limits each account's requests per minute, across all verifiers.
 *
 * Each verifier leases quota from the account's minute, which is one row for all of them, and grants no more than it
 * leased. So verifiers together never exceed a minute's limit, unless PostgreSQL forgets the minute: the table is
 * unlogged, so a crash or a failover empties it. Leased quota that a verifier does not use is unavailable to the others
 * until the minute ends.
 */
export class AccountRateLimiter {
  #batcher: QueryBatcher<LeaseRequest, LeaseGrant>;
  /** The current minute's leases, by account. */
  #leases = new Map<string, QuotaLease>();
  /** When the current minute began, by the database's clock. Seconds since the epoch. */
  #minute = 0;
  /** A lower bound for the end of the current minute, on this process's monotonic clock: the highest of its leases. */
  #endsAt = 0;
  /** Lease requests that are not sent yet, by account. Further requests of the account join them. */
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
   * @param arrivedAt when the request arrived, on this process's monotonic clock; its deadline counts from then
   * @param onResult called once, now or later; with null if the database could not be queried in time, or if too many
   *   requests wait
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
    const existing = this.#joinable.get(accountId);
    if (existing) {
      existing.waiting.push(onResult);
      // If the limits differ, an administrator has changed the limit, and it is unknown which value is newer. Apply the
      // lower one until the next lease.
      existing.limit = Math.min(existing.limit, limit);
      existing.arrivedAt = Math.min(existing.arrivedAt, arrivedAt);
      return;
    }
    const request: LeaseRequest = { accountId, limit, waiting: [onResult], arrivedAt };
    this.#joinable.set(accountId, request);
    this.#batcher.enqueue(request);
  }

  #createResult(
    isGranted: boolean,
    { limit, ownLeft, sharedLeft }: QuotaLease,
    now: number,
  ): RateLimitResult {
    const secondsUntilReset = Math.max(1, Math.ceil((this.#endsAt - now) / 1_000));
    return { isGranted, limit, remaining: ownLeft + sharedLeft, secondsUntilReset };
  }

  async #lease(connection: Connection, requests: LeaseRequest[]): Promise<LeaseGrant[]> {
    const sentAt = performance.now();
    for (const request of requests) this.#closeToJoining(request);
    // Sum per account: after a broken connection, a batch may have an earlier and a later request of one account.
    const wantedById = new Map<string, number>();
    for (const request of requests) {
      wantedById.set(request.accountId, (wantedById.get(request.accountId) ?? 0) + computeLeaseSize(request));
    }
    const rows = await leaseQuota(connection, wantedById);
    const rowsById = new Map(rows.map((row) => [row.id, row]));
    return requests.map((request) => {
      const row = rowsById.get(request.accountId);
      if (!row) throw new Error('no rate-limit window was returned for an account');
      // Requests of one account get their shares in order: `row.leased - wanted` was leased before this one.
      const wanted = wantedById.get(request.accountId) ?? 0;
      wantedById.set(request.accountId, wanted - computeLeaseSize(request));
      const available = Math.max(0, request.limit - (row.leased - wanted));
      return {
        grantedQuota: Math.min(computeLeaseSize(request), available),
        sharedLeft: Math.max(0, request.limit - row.leased),
        minute: row.minute,
        // The database read its clock after `sentAt`, so the minute ends no earlier than this.
        endsAt: sentAt + row.millisecondsLeft,
      };
    });
  }

  /** Grants the lease to the waiting requests in their order, and keeps the rest. */
  #distribute(request: LeaseRequest, { grantedQuota, sharedLeft, minute, endsAt }: LeaseGrant): void {
    const now = performance.now();
    const wasClockSetBack = minute < this.#minute - SECONDS_PER_MINUTE;
    if (minute > this.#minute || wasClockSetBack) {
      this.#leases = new Map();
      this.#minute = minute;
      this.#endsAt = endsAt;
    }
    if (minute === this.#minute) this.#endsAt = Math.max(this.#endsAt, endsAt);
    const waiting = this.#releaseWaiting(request);
    const lease: QuotaLease = { limit: request.limit, ownLeft: grantedQuota, sharedLeft };
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

  /** Makes later requests of the account start a new lease request. */
  #closeToJoining(request: LeaseRequest): void {
    if (this.#joinable.get(request.accountId) === request) this.#joinable.delete(request.accountId);
  }

  #releaseWaiting(request: LeaseRequest): OnResult[] {
    this.#waitingCount -= request.waiting.length;
    return request.waiting.splice(0);
  }
}
