'use client';
import { useEffect } from 'react';
import { flushSync } from 'react-dom';

/**
 * Calls `wipe` when the page is left: browsers keep even `no-store` pages in their back/forward cache. What it takes
 * away is gone in the same task, before the browser takes its picture of the page.
 */
export function useLeaveWarning(wipe: () => void): void {
  useEffect(() => {
    const leave = () => flushSync(wipe);
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [wipe]);
}
