import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { clientAddress } from '#lib/platform/http/client-address.ts';

const WINDOW_MS = 60_000;
/** How many addresses are watched; of more, those are forgotten that were not heard of for longest. */
const MOST_ADDRESSES = 10_000;
/** How many guesses are remembered, of all addresses; of more, the same addresses are forgotten. */
const MOST_GUESSES = 200_000;
/** As much of a digest as tells one guess from another, and is a whole number to JavaScript. */
const PART_OF_DIGEST = 12;

export type UnknownKeyLimiterOptions = {
  /** How many different unknown keys an address may try in a minute. */
  most: number;
  /** How many proxies in front add to X-Forwarded-For. */
  trustedProxies: number;
};

/** The address that the limit counts by: the client's, where the proxies in front are known. */
function sourceOf(request: IncomingMessage, trustedProxies: number): string {
  const { remoteAddress } = request.socket;
  if (trustedProxies === 0) return addressBlock(remoteAddress ?? 'unknown');
  const forwardedFor = request.headersDistinct['x-forwarded-for']?.join(',');
  return addressBlock(clientAddress(remoteAddress, forwardedFor, trustedProxies));
}

/**
 * Counts the unknown keys that each address tries, in this process. Only *different* ones count: a website that
 * goes on with its old key after a reset is no guesser. A good key is never refused for what others try at its
 * address (docs/decisions/007-limits.md).
 */
export class UnknownKeyLimiter {
  #tried = new LRUCache<string, Set<number>>({
    max: MOST_ADDRESSES,
    ttl: WINDOW_MS,
    dispose: ({ size }) => {
      this.#remembered -= size;
    },
  });
  #remembered = 0;
  #sweptAt = performance.now();
  #options: UnknownKeyLimiterOptions;

  constructor(options: UnknownKeyLimiterOptions) {
    this.#options = options;
  }

  /**
   * Notes an unknown key.
   * @param digest in hexadecimal
   * @returns null, or for how many seconds its address has tried enough
   */
  note(request: IncomingMessage, digest: string): number | null {
    const { most, trustedProxies } = this.#options;
    const source = sourceOf(request, trustedProxies);
    let tried = this.#tried.get(source);
    if (!tried) {
      tried = new Set();
      this.#tried.set(source, tried);
    }
    const guess = Number.parseInt(digest.slice(0, PART_OF_DIGEST), 16);
    if (tried.has(guess)) return null;
    if (tried.size < most) {
      tried.add(guess);
      this.#remembered += 1;
      this.#forget();
      return null;
    }
    return Math.max(1, Math.ceil(this.#tried.getRemainingTTL(source) / 1_000));
  }

  /** What is over, once a minute; and the oldest, where there is too much. */
  #forget(): void {
    if (performance.now() - this.#sweptAt > WINDOW_MS) {
      this.#sweptAt = performance.now();
      this.#tried.purgeStale();
    }
    while (this.#remembered > MOST_GUESSES) this.#tried.pop();
  }
}
