import { LRUCache } from 'lru-cache';

/** What the query string of a request at `/verify` says. */
export type VerifyParameters = {
  /** `?scope=<name>`, once for each scope that the account must have. */
  scopes: readonly string[];
  /**
   * `?test=true`: the key page tests the key. Needs no protection: without a first use, the previous key ends at its time,
   * as if the new key were not used.
   */
  isTest: boolean;
};

/** Most requests have no query string. */
export const NO_PARAMETERS: VerifyParameters = { scopes: [], isTest: false };

/** Longer query strings contain those of the client's own requests, and so are not worth remembering. */
const MAX_CACHED_LENGTH = 300;
const parsedQueries = new LRUCache<string, VerifyParameters>({ max: 1_000 });

/**
 * Parses a query string. Ignores other parameters, and everything from the first one that begins with a slash: Envoy
 * appends the path and the query string of the client's request.
 */
export function parseVerifyParameters(query: string): VerifyParameters {
  const cached = parsedQueries.get(query);
  if (cached) return cached;
  const [own = ''] = `&${query}`.split('&/', 1);
  const parameters = new URLSearchParams(own);
  const parsed = { scopes: parameters.getAll('scope'), isTest: parameters.get('test') === 'true' };
  if (query.length <= MAX_CACHED_LENGTH) parsedQueries.set(query, parsed);
  return parsed;
}
