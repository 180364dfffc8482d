'use client';
import { useSyncExternalStore } from 'react';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Returns the token in the URL's fragment; null until hydration. */
export function useToken(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => window.location.hash.slice(1),
    () => null,
  );
}

/** Removes the used token from the address bar and the history. */
export function clearToken(): void {
  window.history.replaceState(window.history.state, '', window.location.pathname);
}
