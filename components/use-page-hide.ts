'use client';
import { useEffect } from 'react';
import { flushSync } from 'react-dom';

/**
 * Calls `removeSecret` when the user leaves the page, because browsers keep even `no-store` pages in their back/forward
 * cache. The page is updated synchronously, before the browser takes its snapshot.
 */
export function usePageHide(removeSecret: () => void): void {
  useEffect(() => {
    const handlePageHide = () => flushSync(removeSecret);
    window.addEventListener('pagehide', handlePageHide);
    return () => window.removeEventListener('pagehide', handlePageHide);
  }, [removeSecret]);
}
