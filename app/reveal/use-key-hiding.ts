'use client';
import { useCallback, useEffect, useState } from 'react';
import { usePageHide } from '#components/use-page-hide.ts';
import { IDLE_MINUTES_UNTIL_HIDDEN, IDLE_WARNING_SECONDS } from '#lib/key-delivery/reveal/limits.ts';

/** Screen readers and voice control only click. */
const ACTIVITY_EVENTS = ['pointerdown', 'pointermove', 'keydown', 'click', 'wheel', 'touchstart'] as const;
const IDLE_MS = IDLE_MINUTES_UNTIL_HIDDEN * 60_000;
const WARNING_MS = IDLE_WARNING_SECONDS * 1_000;

/** Why the key is no longer shown: a time without activity, the button, or another page. */
export type HideReason = 'idle' | 'saved' | 'left';

/**
 * Calls `hide` when the integrator leaves the page, or after `IDLE_MINUTES_UNTIL_HIDDEN` without activity.
 * @returns the seconds until the key is hidden, during the last `IDLE_WARNING_SECONDS`; null before
 */
export function useKeyHiding(hide: (reason: HideReason) => void): number | null {
  const [secondsLeft, setSecondsLeft] = useState<number | null>(null);
  usePageHide(useCallback(() => hide('left'), [hide]));
  useEffect(() => {
    let lastActivityAt = Date.now();
    let lastPosition = '';
    let timer: ReturnType<typeof setTimeout>;
    const update = () => {
      clearTimeout(timer);
      const remaining = lastActivityAt + IDLE_MS - Date.now();
      if (remaining <= 0) return hide('idle');
      const isWarning = remaining <= WARNING_MS;
      setSecondsLeft(isWarning ? Math.ceil(remaining / 1_000) : null);
      timer = setTimeout(update, isWarning ? remaining % 1_000 || 1_000 : remaining - WARNING_MS);
    };
    const recordActivity = (event: Event) => {
      if (event instanceof PointerEvent && event.type === 'pointermove') {
        // Browsers also send this event if the page changes under a pointer that rests.
        const position = `${event.screenX} ${event.screenY}`;
        if (position === lastPosition) return;
        lastPosition = position;
      }
      lastActivityAt = Date.now();
      setSecondsLeft(null);
    };
    timer = setTimeout(update, IDLE_MS - WARNING_MS);
    for (const eventName of ACTIVITY_EVENTS)
      window.addEventListener(eventName, recordActivity, { passive: true });
    // Timers do not run while the device sleeps, so the idle time is checked again when the page becomes visible.
    document.addEventListener('visibilitychange', update);
    return () => {
      clearTimeout(timer);
      for (const eventName of ACTIVITY_EVENTS) window.removeEventListener(eventName, recordActivity);
      document.removeEventListener('visibilitychange', update);
    };
  }, [hide]);
  return secondsLeft;
}
