import { LRUCache } from 'lru-cache';
import { type ClientRequest, resolveClientIpAddress } from '#lib/platform/http/client-ip-address.ts';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';

const WINDOW_MS = 60_000;
/** How many blocks of IP addresses are tracked. Beyond that, the least recently used ones are dropped. */
const MAX_BLOCKS = 10_000;
/** How many keys are remembered across all blocks. Beyond that, the least recently used blocks are dropped. */
const MAX_KEYS = 200_000;
/** The first 48 bits of a digest distinguish keys, and are a safe integer. */
const DIGEST_PREFIX_LENGTH = 12;

export type UnknownKeyLimiterOptions = {
  /** How many different unknown keys an IP address may try per minute. */
  maxKeysPerMinute: number;
  /** How many proxies in front add to X-Forwarded-For or Forwarded. */
  trustedProxies: number;
};

/**
 * Limits the unknown keys that each IP address may try, per process. The addresses of an IPv6 /64 share the limit.
 *
 * Only *different* keys count, so a client that keeps using its old key after a reset is not limited. A valid key is
 * never refused because of other attempts from its IP address (docs/decisions/007-limits.md).
 */
export class UnknownKeyLimiter {
  #keysByBlock = new LRUCache<string, Set<number>>({
    max: MAX_BLOCKS,
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
   * Counts an unknown key, or a key that was sent with another account's username.
   * @param digest in hexadecimal
   * @returns null if the client is within the limit; otherwise the seconds until it may try again
   */
  record(request: ClientRequest, digest: string): number | null {
    const { maxKeysPerMinute, trustedProxies } = this.#options;
    const block = getIpAddressBlock(resolveClientIpAddress(request, trustedProxies));
    let keys = this.#keysByBlock.get(block);
    if (!keys) {
      keys = new Set();
      this.#keysByBlock.set(block, keys);
    }
    const key = Number.parseInt(digest.slice(0, DIGEST_PREFIX_LENGTH), 16);
    if (keys.has(key)) return null;
    if (keys.size < maxKeysPerMinute) {
      keys.add(key);
      this.#keyCount += 1;
      this.#evict();
      return null;
    }
    return Math.max(1, Math.ceil(this.#keysByBlock.getRemainingTTL(block) / 1_000));
  }

  /** Removes expired blocks once a minute, and the least recently used blocks if there are too many keys. */
  #evict(): void {
    if (performance.now() - this.#lastPurgeAt > WINDOW_MS) {
      this.#lastPurgeAt = performance.now();
      this.#keysByBlock.purgeStale();
    }
    while (this.#keyCount > MAX_KEYS) this.#keysByBlock.pop();
  }
}
