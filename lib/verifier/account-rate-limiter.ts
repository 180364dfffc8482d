import type { Connection } from './connection.ts';
import { QueryBatcher } from './query-batcher.ts';

/** What became of a request of an account that has a limit. */
export type RateLimitResult = {
  granted: boolean;
  /** Requests a minute. */
  limit: number;
  /** How many more this minute holds; where several verifiers take from it, about as many. */
  left: number;
  /** Until the next minute begins. */
  seconds: number;
};

type Waiter = (verdict: RateLimitResult | null) => void;
type Take = { accountId: string; limit: number; waiters: Waiter[]; askedAt: number };
type Taken = { question: number; id: string; minute: number; taken: number; milliseconds: number };
/** `ownLeft`: taken by this verifier and not used yet. `sharedLeft`: what nobody had taken, when last seen. */
type QuotaLease = { limit: number; ownLeft: number; sharedLeft: number };
type Outcome = { granted: number; sharedLeft: number; minute: number; endsAt: number };

/** A verifier takes a hundredth of an account's limit at once: below 200 a minute, each request by itself. */
const LOTS_A_MINUTE = 100;
const SECONDS_A_MINUTE = 60;
const MOST_ACCOUNTS_AT_ONCE = 1_000;
/** How many requests may wait for their accounts' lots; one more is answered 503 at once. */
const MOST_WAITERS = 5_000;

/** How many requests a take asks for: for those who wait, and a lot where that is more. */
const shareOf = ({ waiters, limit }: Take) =>
  Math.min(limit, Math.max(waiters.length, Math.floor(limit / LOTS_A_MINUTE)));

/**
 * Takes for each account `wanted` requests out of its minute, by the database's clock. Whoever comes later in a
 * minute sees what was taken before, on any verifier; a statement that waited for another's row and is of an
 * earlier minute counts into the later one. A row that is further ahead is of a clock that was put back since, and
 * begins anew. In the order of the ids, so that two verifiers do not wait for each other in a circle.
 */
async function takeLots(connection: Connection, takes: ReadonlyMap<string, number>): Promise<Taken[]> {
  const question = connection.nextQuestion();
  const ids = `{${[...takes.keys()].join(',')}}`;
  const wanted = `{${[...takes.values()].join(',')}}`;
  const rows = await connection.sql<Taken[]>`
    insert into request_windows as present (account_id, minute, taken)
    select id, date_trunc('minute', now()), wanted
    from unnest(${ids}::text::uuid[], ${wanted}::text::int4[]) as asked (id, wanted)
    order by id
    on conflict (account_id) do update set (minute, taken) = (
      select case when counts then present.minute else excluded.minute end,
        excluded.taken + case when counts then present.taken else 0 end
      from (select present.minute between excluded.minute and excluded.minute + interval '1 minute') as row (counts)
    )
    returning ${question}::int4 as question, account_id as id, taken,
      extract(epoch from minute)::int4 as minute,
      (extract(epoch from minute + interval '1 minute' - now()) * 1000)::int4 as milliseconds`;
  connection.check(rows[0], question);
  return rows;
}

/**
 * The limits of accounts, in requests a minute, kept across all verifiers: each takes *lots* out of the account's
 * minute, which is one row for all of them, and grants no more than it took. So of a minute no more is granted than
 * its limit; of what a verifier took and did not use, up to a hundredth is lost to the others until the minute ends.
 */
export class AccountRateLimiter {
  #desk: QueryBatcher<Take, Outcome>;
  /** The lots of the present minute, by account. */
  #lots = new Map<string, QuotaLease>();
  /** Seconds since 1970, by the database's clock. */
  #minute = 0;
  /** When that ends at the latest, on this process's monotonic clock. */
  #endsAt = 0;
  /** Takes that are not under way yet: further requests of the account join. */
  #joinable = new Map<string, Take>();
  #waiters = 0;

  /** @param options.onTrouble called for each connection that was lost or could not be opened */
  constructor(databaseUrl: string, options: { onTrouble?: () => void; deadlineMs?: number } = {}) {
    this.#desk = new QueryBatcher<Take, Outcome>({
      name: 'limits',
      databaseUrl,
      lines: 1,
      mostAtOnce: MOST_ACCOUNTS_AT_ONCE,
      ask: (connection, takes) => this.#take(connection, takes),
      askFirst: ({ sql }) => sql`select from request_windows limit 0`,
      answer: (take, outcome) => this.#share(take, outcome),
      fail: (take) => {
        if (this.#joinable.get(take.accountId) === take) this.#joinable.delete(take.accountId);
        for (const waiter of this.#release(take)) waiter(null);
      },
      ...options,
    });
  }

  /**
   * Spends one request of an account.
   * @param askedAt when the request arrived, on this process's monotonic clock: its deadline goes on
   * @param tell told the verdict, at once or later; null where the database could not be asked
   */
  spend(accountId: string, limit: number, askedAt: number, tell: Waiter): void {
    const now = performance.now();
    const lot = now < this.#endsAt ? this.#lots.get(accountId) : undefined;
    if (lot?.limit === limit && lot.ownLeft > 0) {
      lot.ownLeft -= 1;
      tell(this.#verdict(true, lot, now));
    } else if (lot?.limit === limit && lot.sharedLeft === 0) {
      tell(this.#verdict(false, lot, now));
    } else if (this.#waiters >= MOST_WAITERS) {
      tell(null);
    } else {
      this.#waitForLot(accountId, limit, askedAt, tell);
    }
  }

  /** How many requests wait for their accounts' lots. */
  get waiting(): number {
    return this.#waiters;
  }

  close(): void {
    this.#desk.close();
  }

  #waitForLot(accountId: string, limit: number, askedAt: number, tell: Waiter): void {
    this.#waiters += 1;
    const joined = this.#joinable.get(accountId);
    if (joined) {
      joined.waiters.push(tell);
      // Which of two was read later is not known: the lower one holds, and the next take has the right one.
      joined.limit = Math.min(joined.limit, limit);
      joined.askedAt = Math.min(joined.askedAt, askedAt);
      return;
    }
    const take: Take = { accountId, limit, waiters: [tell], askedAt };
    this.#joinable.set(accountId, take);
    this.#desk.put(take);
  }

  #verdict(granted: boolean, { limit, ownLeft, sharedLeft }: QuotaLease, now: number): RateLimitResult {
    const seconds = Math.max(1, Math.ceil((this.#endsAt - now) / 1_000));
    return { granted, limit, left: ownLeft + sharedLeft, seconds };
  }

  async #take(connection: Connection, takes: Take[]): Promise<Outcome[]> {
    const sentAt = performance.now();
    for (const take of takes) {
      if (this.#joinable.get(take.accountId) === take) this.#joinable.delete(take.accountId);
    }
    // One row an account: a take that is put again may meet a later one of the same account.
    const wanted = new Map<string, number>();
    for (const take of takes) wanted.set(take.accountId, (wanted.get(take.accountId) ?? 0) + shareOf(take));
    const rows = await takeLots(connection, wanted);
    const taken = new Map(rows.map((row) => [row.id, row]));
    return takes.map((take) => {
      const row = taken.get(take.accountId);
      if (!row) throw new Error('an account has no window');
      const rest = wanted.get(take.accountId) ?? 0;
      wanted.set(take.accountId, rest - shareOf(take));
      const free = Math.max(0, take.limit - (row.taken - rest));
      return {
        granted: Math.min(shareOf(take), free),
        sharedLeft: Math.max(0, take.limit - row.taken),
        minute: row.minute,
        // The database's time was read after `sentAt`: so the minute ends no earlier than this.
        endsAt: sentAt + row.milliseconds,
      };
    });
  }

  /** Grants what was taken to those who wait for it, in their order, and keeps what is over. */
  #share(take: Take, { granted, sharedLeft, minute, endsAt }: Outcome): void {
    const now = performance.now();
    const isPutBack = minute < this.#minute - SECONDS_A_MINUTE;
    if (minute > this.#minute || isPutBack) {
      this.#lots = new Map();
      this.#minute = minute;
      this.#endsAt = endsAt;
    }
    if (minute === this.#minute) this.#endsAt = Math.max(this.#endsAt, endsAt);
    const waiters = this.#release(take);
    const lot: QuotaLease = { limit: take.limit, ownLeft: granted, sharedLeft };
    for (const waiter of waiters) {
      const isGranted = lot.ownLeft > 0;
      if (isGranted) lot.ownLeft -= 1;
      waiter(this.#verdict(isGranted, lot, now));
    }
    if (minute !== this.#minute) return;
    const present = this.#lots.get(take.accountId);
    if (present?.limit === lot.limit) lot.ownLeft += present.ownLeft;
    this.#lots.set(take.accountId, lot);
  }

  #release(take: Take): Waiter[] {
    this.#waiters -= take.waiters.length;
    return take.waiters.splice(0);
  }
}
