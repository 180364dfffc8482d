import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { log } from '#lib/platform/log.ts';

const TIMEOUT_MS = 5_000;
/** GitHub's response has less than 2 KB. */
const MAX_BODY_BYTES = 64 * 1024;
/** GitHub replaces its keys rarely, and announces that. */
const MAX_AGE_MS = 60 * 60 * 1_000;
/** How long no other request is made for an unknown key, or after a failed one: any client can name an unknown key. */
const RETRY_AFTER_MS = 60 * 1_000;

const responseSchema = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(100),
});

type Keys = Map<string, KeyObject>;

/** Reads a body up to `MAX_BODY_BYTES`. @throws if it is longer */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the response is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Parses a key in PEM. @throws if it is not one of ECDSA with the curve P-256 */
function parseKey(pem: string): KeyObject {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('the key is not of ECDSA with the curve P-256');
  return key;
}

async function fetchKeys(url: string): Promise<Keys> {
  const response = await fetch(url, {
    headers: { Accept: 'application/json', 'User-Agent': 'Stagedoor' },
    redirect: 'error',
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the response has status ${response.status}`);
  const { public_keys: keys } = responseSchema.parse(JSON.parse(await readBody(response)));
  return new Map(keys.map(({ key_identifier: id, key }) => [id, parseKey(key)]));
}

/**
 * The public keys with which GitHub signs reports of leaked keys, cached for an hour. If GitHub cannot be reached, the keys
 * that were fetched before are still used.
 */
export class GithubKeys {
  #url: string;
  #now: () => number;
  #keys: Keys | null = null;
  /** When the keys were last fetched, and when that was last tried. */
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | null = null;

  /** @param now a monotonic clock in milliseconds; replaced in tests */
  constructor(url: string, now: () => number = () => performance.now()) {
    this.#url = url;
    this.#now = now;
  }

  /** Finds a key by its id. @returns undefined if GitHub has no such key; null if that is unknown, because it cannot be reached */
  async find(id: string): Promise<KeyObject | undefined | null> {
    const isStale = this.#now() - this.#fetchedAt > MAX_AGE_MS;
    if ((isStale || !this.#keys?.has(id)) && this.#now() - this.#triedAt > RETRY_AFTER_MS) this.#refresh();
    await this.#pending;
    // An unknown key may be a new one if the keys could not be fetched again.
    return this.#keys?.get(id) ?? (this.#triedAt > this.#fetchedAt ? null : undefined);
  }

  /** Fetches the keys once for all concurrent requests. */
  #refresh(): void {
    this.#triedAt = this.#now();
    this.#pending = fetchKeys(this.#url)
      .then((keys) => {
        this.#keys = keys;
        this.#fetchedAt = this.#now();
      })
      .catch((error: unknown) =>
        log.warn('leaks.github_keys_not_fetched', { reason: error instanceof Error ? error.name : '' }),
      )
      .finally(() => {
        this.#pending = null;
      });
  }
}
