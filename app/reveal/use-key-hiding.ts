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
    const hideIfIdle = () => {
      clearTimeout(timer);
      const remaining = lastActivityAt + IDLE_MS - Date.now();
      if (remaining <= 0) hide(true);
      else timer = setTimeout(hideIfIdle, remaining);
    };
    const recordActivity = () => {
      lastActivityAt = Date.now();
    };
    timer = setTimeout(hideIfIdle, IDLE_MS);
    for (const eventName of ACTIVITY_EVENTS)
      window.addEventListener(eventName, recordActivity, { passive: true });
    // Timers do not run while the device sleeps, so the idle time is checked again when the page becomes visible.
    document.addEventListener('visibilitychange', hideIfIdle);
    return () => {
      clearTimeout(timer);
      for (const eventName of ACTIVITY_EVENTS) window.removeEventListener(eventName, recordActivity);
      document.removeEventListener('visibilitychange', hideIfIdle);
    };
  }, [hide]);
}
