import { LRUCache } from 'lru-cache';

/** The scopes of an account, parsed from their text. */
export type ScopeList = {
  names: ReadonlySet<string>;
  /** A JSON array. */
  json: string;
};

const NO_SCOPES: ScopeList = { names: new Set(), json: '[]' };

/**
 * Parsed lists by their text, so that each is parsed once. This caches no decision: which text an account has is read from
 * the database for each request.
 */
const parsedLists = new LRUCache<string, ScopeList>({ max: 1_000 });

/** Parses names that are separated by spaces. */
export function parseScopeList(text: string): ScopeList {
  if (text === '') return NO_SCOPES;
  const cached = parsedLists.get(text);
  if (cached) return cached;
  const names = text.split(' ');
  const list = { names: new Set(names), json: JSON.stringify(names) };
  parsedLists.set(text, list);
  return list;
}
