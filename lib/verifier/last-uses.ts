/** The last use of an account's keys. Times are on this process's monotonic clock. */
export type LastUse = {
  accountId: string;
  /** Times of the last requests with the current and with the previous key that were allowed, if any. */
  usedAt: number | null;
  previousUsedAt: number | null;
  /** IP address of a client of the last interval, if it is known. */
  ipAddress: string | null;
};

type Entry = {
  /** The use that is to be written; null if there is none. */
  use: LastUse | null;
  /** Digest of the current key that was used last; null if it was used only for tests. */
  digest: string | null;
  takenAt: number;
};

/** How many accounts are remembered. The last uses of further ones are lost. */
const MAX_ACCOUNTS = 200_000;

/**
 * Collects the last use of each account in memory, so that an account in constant use is written once a minute instead of
 * once a second. Always due are the first use of a key, the first after a test, and each use of a previous key.
 */
export class LastUses {
  #rewriteAfterMs: number;
  /** The accounts that were used within the last minute, in the order in which their uses were taken. */
  #entries = new Map<string, Entry>();
  #due = new Set<Entry>();

  /** @param rewriteAfterMs how often the last use of an account in constant use is due */
  constructor(rewriteAfterMs: number) {
    this.#rewriteAfterMs = rewriteAfterMs;
  }

  /** Whether there is something to take, now or later. */
  get hasUntaken(): boolean {
    return [...this.#entries.values()].some(({ use }) => use !== null);
  }

  /**
   * Adds a use, which must be later than those that were added before.
   * @param digest of the current key that was used; null if it was not used, or only for tests
   */
  add(use: LastUse, digest: string | null): void {
    let entry = this.#entries.get(use.accountId);
    if (!entry) {
      if (this.#entries.size >= MAX_ACCOUNTS) return;
      entry = { use: null, digest: null, takenAt: Number.NEGATIVE_INFINITY };
      this.#entries.set(use.accountId, entry);
    }
    if (entry.digest === null || entry.digest !== digest || use.previousUsedAt !== null) this.#due.add(entry);
    entry.digest = digest;
    entry.use = {
      ...use,
      usedAt: use.usedAt ?? entry.use?.usedAt ?? null,
      previousUsedAt: use.previousUsedAt ?? entry.use?.previousUsedAt ?? null,
    };
  }

  /** Takes the uses that are due, at most `limit`. Forgets the accounts that were not used for a minute. */
  takeDue(limit: number): LastUse[] {
    const now = performance.now();
    for (const [accountId, entry] of this.#entries) {
      if (now - entry.takenAt < this.#rewriteAfterMs) break;
      if (entry.use) this.#due.add(entry);
      else this.#entries.delete(accountId);
    }
    return this.#take(this.#due, limit, now);
  }

  /** Takes all uses, at most `limit`. */
  takeAll(limit: number): LastUse[] {
    return this.#take(this.#entries.values(), limit, performance.now());
  }

  #take(entries: Iterable<Entry>, limit: number, now: number): LastUse[] {
    const uses: LastUse[] = [];
    for (const entry of entries) {
      const { use } = entry;
      if (!use) continue;
      if (uses.length >= limit) break;
      uses.push(use);
      entry.use = null;
      entry.takenAt = now;
      this.#due.delete(entry);
      // Moves it to the end.
      this.#entries.delete(use.accountId);
      this.#entries.set(use.accountId, entry);
    }
    return uses;
  }
}
