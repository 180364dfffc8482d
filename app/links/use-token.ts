'use client';
import { useSyncExternalStore } from 'react';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Returns the URL's fragment without its `#`, which contains the token; null until hydration. */
export function useFragment(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => window.location.hash.slice(1),
    () => null,
  );
}

/** Replaces the used token in the address bar and the history with a word that says what happened. */
export function replaceToken(word: string): void {
  window.history.replaceState(window.history.state, '', `${window.location.pathname}#${word}`);
}
