import { LRUCache } from 'lru-cache';

/** An IP address from which a request of an account was allowed, or refused because of the account's networks. */
export type SeenAddress = {
  accountId: string;
  isAllowed: boolean;
  ipAddress: string;
  /** On this process's monotonic clock. */
  at: number;
};

/** After this time, the time of an address is written again. */
const REWRITE_AFTER_MS = 10 * 60_000;
/** How many addresses are remembered. Beyond that, they are written more often. */
const MAX_REMEMBERED = 100_000;
/**
 * How many addresses may wait for a write. Beyond that, an address has to wait for its next request, so that a verifier
 * that starts does not write the addresses of all accounts at the same time.
 */
const MAX_UNWRITTEN = 500;

/** Collects the IP addresses of accounts in memory, so that each is written once in 10 minutes. */
export class SeenAddresses {
  /** When each address was added, on this process's monotonic clock. With `max`, it would allocate all entries now. */
  #addedAt = new LRUCache<string, number>({ maxSize: MAX_REMEMBERED, sizeCalculation: () => 1 });
  #unwritten: SeenAddress[] = [];

  /** The addresses that have not been written, oldest first. */
  get unwritten(): readonly SeenAddress[] {
    return this.#unwritten;
  }

  /** Remembers an address, unless it was seen in the last 10 minutes. */
  add(accountId: string, isAllowed: boolean, ipAddress: string): void {
    if (this.#unwritten.length >= MAX_UNWRITTEN) return;
    const id = `${accountId} ${isAllowed} ${ipAddress}`;
    const at = performance.now();
    if (at - (this.#addedAt.get(id) ?? Number.NEGATIVE_INFINITY) < REWRITE_AFTER_MS) return;
    this.#addedAt.set(id, at);
    this.#unwritten.push({ accountId, isAllowed, ipAddress, at });
  }

  /** Drops the first addresses, because they were written. */
  confirm(count: number): void {
    this.#unwritten.splice(0, count);
  }
}
