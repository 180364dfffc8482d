import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';

/** How many unknown access tokens each block of IP addresses may try a minute, in each web process. */
export const UNKNOWN_TOKENS_PER_MINUTE = 60;

const WINDOW_MS = 60_000;
/** Beyond these, the least recently used ones are forgotten. */
const MAX_BLOCKS = 10_000;
const MAX_VALID_TOKENS = 10_000;

/** A token that may be looked up. Call `settle` with the result, or `refund` if there is none. */
type Attempt = { ok: true; settle(isValid: boolean): void; refund(): void };

/**
 * Limits the lookups of access tokens that this process does not know, for each block of IP addresses. A token that was
 * valid at its last lookup is known: no other client can make it wait.
 *
 * Counts are in memory. In the database, each attempt would cost a write instead of the lookup that it saves.
 */
class UnknownTokenLimiter {
  // Reading an entry does not prolong it, so a window begins with its first attempt.
  #attempts = new LRUCache<string, { count: number }>({ max: MAX_BLOCKS, ttl: WINDOW_MS });
  #validDigests = new LRUCache<string, true>({ max: MAX_VALID_TOKENS });

  /** Consumes an attempt, unless the token is known. Call it before the lookup. @param digest in hexadecimal */
  consume(ipAddress: string, digest: string): Attempt | { ok: false; retryAfterSeconds: number } {
    const attempts = this.#validDigests.has(digest) ? null : this.#getWindow(getIpAddressBlock(ipAddress));
    if (attempts && attempts.count >= UNKNOWN_TOKENS_PER_MINUTE) return this.#refuse(ipAddress);
    if (attempts) attempts.count += 1;
    const refund = () => {
      if (attempts) attempts.count -= 1;
    };
    const settle = (isValid: boolean) => {
      if (isValid) {
        this.#validDigests.set(digest, true);
        refund();
      } else this.#validDigests.delete(digest);
    };
    return { ok: true, settle, refund };
  }

  #getWindow(block: string): { count: number } {
    const existing = this.#attempts.get(block);
    if (existing) return existing;
    const created = { count: 0 };
    this.#attempts.set(block, created);
    return created;
  }

  #refuse(ipAddress: string): { ok: false; retryAfterSeconds: number } {
    const millisecondsLeft = this.#attempts.getRemainingTTL(getIpAddressBlock(ipAddress));
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(millisecondsLeft / 1_000)) };
  }
}

// Next.js loads this file once per bundle, and the routes must share the counts.
const processGlobals = globalThis as typeof globalThis & {
  stagedoorUnknownTokens?: WeakMap<pg.Pool, UnknownTokenLimiter>;
};

/** Returns this process's limiter for the access tokens of a database. */
export function getUnknownTokenLimiter(pool: pg.Pool): UnknownTokenLimiter {
  processGlobals.stagedoorUnknownTokens ??= new WeakMap();
  const existing = processGlobals.stagedoorUnknownTokens.get(pool);
  if (existing) return existing;
  const created = new UnknownTokenLimiter();
  processGlobals.stagedoorUnknownTokens.set(pool, created);
  return created;
}
