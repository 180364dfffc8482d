'use client';
import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { IDLE_MINUTES_UNTIL_HIDDEN } from '#lib/reveals/limits.ts';

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'scroll', 'touchstart'] as const;
const IDLE_MS = IDLE_MINUTES_UNTIL_HIDDEN * 60_000;

/**
 * Calls `hide` when nobody is there any more: when the page is left (browsers keep even `no-store` pages in their
 * back/forward cache), or after five minutes without a sign of life.
 */
export function useHiding(hide: (idle: boolean) => void): void {
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
    // In the same task, before the browser takes its picture of the page.
    const leave = () => flushSync(() => hide(false));
    timer = setTimeout(check, IDLE_MS);
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, live, { passive: true });
    // A machine that slept has not run its timers: looked at again as soon as the page is seen again.
    document.addEventListener('visibilitychange', check);
    window.addEventListener('pagehide', leave);
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, live);
      document.removeEventListener('visibilitychange', check);
      window.removeEventListener('pagehide', leave);
    };
  }, [hide]);
}
