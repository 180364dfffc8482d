import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { addressBlock, clientAddress } from '#lib/platform/http/client-address.ts';

const WINDOW_MS = 60_000;
/** How many addresses are tracked. Beyond that, the least recently used ones are dropped. */
const MAX_ADDRESSES = 10_000;
/** How many keys are remembered across all addresses. Beyond that, the least recently used addresses are dropped. */
const MAX_KEYS = 200_000;
/** Enough of a digest to distinguish keys, and small enough to be a safe integer (48 bits). */
const DIGEST_PREFIX_LENGTH = 12;

export type UnknownKeyLimiterOptions = {
  /** How many different unknown keys an address may try per minute. */
  maxKeysPerMinute: number;
  /** How many proxies in front add to X-Forwarded-For. */
  trustedProxies: number;
};

/** Returns the address to count by: the client's if the proxies in front are known, otherwise the connection's. */
function addressToLimit(request: IncomingMessage, trustedProxies: number): string {
  const { remoteAddress } = request.socket;
  if (trustedProxies === 0) return addressBlock(remoteAddress ?? 'unknown');
  const forwardedFor = request.headersDistinct['x-forwarded-for']?.join(',');
  return addressBlock(clientAddress(remoteAddress, forwardedFor, trustedProxies));
}

/**
 * Limits the unknown keys that each address may try, per process.
 *
 * Only *different* keys count, so a client that keeps using its old key after a reset is not limited. A valid key is
 * never refused because of other attempts from its address (docs/decisions/007-limits.md).
 */
export class UnknownKeyLimiter {
  #keysByAddress = new LRUCache<string, Set<number>>({
    max: MAX_ADDRESSES,
    ttl: WINDOW_MS,
    dispose: ({ size }) => {
      this.#keyCount -= size;
    },
  });
  #keyCount = 0;
  #lastPurgeAt = performance.now();
  #options: UnknownKeyLimiterOptions;

  constructor(options: UnknownKeyLimiterOptions) {
    this.#options = options;
  }

  /**
   * Counts an unknown key.
   * @param digest in hexadecimal
   * @returns null if the address is within its limit; otherwise the seconds until it may try again
   */
  record(request: IncomingMessage, digest: string): number | null {
    const { maxKeysPerMinute, trustedProxies } = this.#options;
    const address = addressToLimit(request, trustedProxies);
    let keys = this.#keysByAddress.get(address);
    if (!keys) {
      keys = new Set();
      this.#keysByAddress.set(address, keys);
    }
    const key = Number.parseInt(digest.slice(0, DIGEST_PREFIX_LENGTH), 16);
    if (keys.has(key)) return null;
    if (keys.size < maxKeysPerMinute) {
      keys.add(key);
      this.#keyCount += 1;
      this.#evict();
      return null;
    }
    return Math.max(1, Math.ceil(this.#keysByAddress.getRemainingTTL(address) / 1_000));
  }

  /** Removes expired windows once a minute, and the least recently used ones if there are too many keys. */
  #evict(): void {
    if (performance.now() - this.#lastPurgeAt > WINDOW_MS) {
      this.#lastPurgeAt = performance.now();
      this.#keysByAddress.purgeStale();
    }
    while (this.#keyCount > MAX_KEYS) this.#keysByAddress.pop();
  }
}
