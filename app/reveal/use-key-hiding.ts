'use client';
import { useCallback, useEffect } from 'react';
import { usePageHide } from '#components/use-page-hide.ts';
import { IDLE_MINUTES_UNTIL_HIDDEN } from '#lib/key-delivery/reveal/limits.ts';

const ACTIVITY_EVENTS = ['pointerdown', 'pointermove', 'keydown', 'scroll', 'touchstart'] as const;
const IDLE_MS = IDLE_MINUTES_UNTIL_HIDDEN * 60_000;

/** Calls `hide` when the integrator leaves the page, or after `IDLE_MINUTES_UNTIL_HIDDEN` without activity. */
export function useKeyHiding(hide: (isIdle: boolean) => void): void {
  usePageHide(useCallback(() => hide(false), [hide]));
  useEffect(() => {
    let lastActivityAt = Date.now();
    let timer: ReturnType<typeof setTimeout>;
    const check = () => {
      clearTimeout(timer);
      const remaining = lastActivityAt + IDLE_MS - Date.now();
      if (remaining <= 0) hide(true);
      else timer = setTimeout(check, remaining);
    };
    const recordActivity = () => {
      lastActivityAt = Date.now();
    };
    timer = setTimeout(check, IDLE_MS);
    for (const event of ACTIVITY_EVENTS) window.addEventListener(event, recordActivity, { passive: true });
    // Timers do not run while the device sleeps, so check again when the page becomes visible.
    document.addEventListener('visibilitychange', check);
    return () => {
      clearTimeout(timer);
      for (const event of ACTIVITY_EVENTS) window.removeEventListener(event, recordActivity);
      document.removeEventListener('visibilitychange', check);
    };
  }, [hide]);
}
