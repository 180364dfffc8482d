'use client';
import { useEffect } from 'react';
import { touchPage } from './actions.ts';

const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'touchstart'] as const;

/**
 * Says once, at the first touch of pointer, finger or key, that a person is at the page. Mail scanners open links,
 * some of them in a whole browser, and touch nothing: so the administrator can tell them apart.
 */
export function useTouch(token: string, opening: string | null): void {
  useEffect(() => {
    if (opening === null) return;
    const stop = () => {
      for (const touch of TOUCHES) window.removeEventListener(touch, tell);
    };
    const tell = () => {
      stop();
      // A hint for somebody else: where it cannot be handed over, the page goes on without.
      touchPage({ token, opening }).catch(() => {});
    };
    for (const touch of TOUCHES) window.addEventListener(touch, tell, { passive: true });
    return stop;
  }, [token, opening]);
}
