'use client';
import { useEffect } from 'react';
import { flushSync } from 'react-dom';

/**
 * Calls `wipe` when the user leaves the page, because browsers keep even `no-store` pages in their back/forward cache.
 * The update is synchronous, so a secret is removed before the browser snapshots the page.
 */
export function usePageHide(wipe: () => void): void {
  useEffect(() => {
    const handlePageHide = () => flushSync(wipe);
    window.addEventListener('pagehide', handlePageHide);
    return () => window.removeEventListener('pagehide', handlePageHide);
  }, [wipe]);
}
