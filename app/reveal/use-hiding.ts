'use client';
import { useCallback, useEffect } from 'react';
import { usePageHide } from '#components/use-page-hide.ts';
import { IDLE_MINUTES_UNTIL_HIDDEN } from '#lib/key-delivery/reveal/limits.ts';

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'scroll', 'touchstart'] as const;
const IDLE_MS = IDLE_MINUTES_UNTIL_HIDDEN * 60_000;

/**
 * Calls `hide` when nobody is there any more: when the page is left, or after five minutes without a sign of life.
 */
export function useHiding(hide: (idle: boolean) => void): void {
  usePageHide(useCallback(() => hide(false), [hide]));
  useEffect(() => {
    let lastSeen = Date.now();
    let timer: ReturnType<typeof setTimeout>;
    const check = () => {
      clearTimeout(timer);
      const rest = lastSeen + IDLE_MS - Date.now();
      if (rest <= 0) hide(true);
      else timer = setTimeout(check, rest);
    };
    const live = () => {
      lastSeen = Date.now();
    };
    timer = setTimeout(check, IDLE_MS);
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, live, { passive: true });
    // A machine that slept has not run its timers: looked at again as soon as the page is seen again.
    document.addEventListener('visibilitychange', check);
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, live);
      document.removeEventListener('visibilitychange', check);
    };
  }, [hide]);
}
