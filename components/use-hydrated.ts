'use client';
import { useSyncExternalStore } from 'react';

const subscribeToNothing = () => () => {};

/** Returns false in the server's HTML and during hydration; true once event handlers work. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
}
