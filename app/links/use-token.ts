'use client';
import { useSyncExternalStore } from 'react';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** The token in the address's fragment; null until the page is alive. */
export function useToken(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => window.location.hash.slice(1),
    () => null,
  );
}

/** Takes the token out of the address bar and of the history: it has done its work. */
export function clearToken(): void {
  window.history.replaceState(window.history.state, '', window.location.pathname);
}
