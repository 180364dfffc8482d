'use client';
import { useEffect, useState } from 'react';
import { toFailure } from '../use-server-action.ts';
import { searchSettings } from './actions.ts';
import { keepMatches, NO_RESULTS, type SearchResults } from './search.ts';

/** Waits this long for another character before it asks the server. */
const DEBOUNCE_MS = 150;

type Found = { search: string; results: SearchResults; failure: string | null };
const NOTHING: Found = { search: '', results: NO_RESULTS, failure: null };

async function requestResults(search: string): Promise<Found> {
  try {
    const result = await searchSettings({ search });
    if (result.ok) return { search, results: result, failure: null };
    const failure = 'message' in result ? result.message : 'Reload the page and try again.';
    return { search, results: NO_RESULTS, failure };
  } catch (error) {
    return { search, results: NO_RESULTS, failure: toFailure(error, null).message };
  }
}

/**
 * Searches on the server while the user types. Until the results for a text arrive, returns those of the earlier text that
 * match it too: Enter must not open an account that is no longer meant.
 */
export function useSearch(typed: string, isEnabled: boolean) {
  const search = isEnabled ? typed.trim() : '';
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    if (search === '') return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const response = await requestResults(search);
      if (isCurrent) setFound(response);
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [search]);
  if (search === '') return { ...NOTHING, isSearching: false };
  if (found.search === search) return { ...found, isSearching: false };
  return { results: keepMatches(found.results, search), failure: null, isSearching: true };
}
