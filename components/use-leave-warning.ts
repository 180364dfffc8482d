'use client';
import { useEffect } from 'react';

/** The part of the Navigation API that is used here. Not all browsers have it. */
type TraverseEvent = Event & { navigationType: string; destination: { sameDocument: boolean } };

/**
 * Asks before the user leaves the page, while `isActive`. For a secret that is shown once and was not saved yet.
 * @param question asked before Back and Forward within Stagedoor. For everything else, browsers show their own text
 */
export function useLeaveWarning(isActive: boolean, question: string): void {
  useEffect(() => {
    if (!isActive) return;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
      // Older browsers ask only if this is set.
      event.returnValue = true;
    };
    const askBeforeTraversal = (event: Event) => {
      const { navigationType, destination, cancelable } = event as TraverseEvent;
      if (!cancelable || navigationType !== 'traverse' || !destination.sameDocument) return;
      if (!window.confirm(question)) event.preventDefault();
    };
    const navigation = 'navigation' in window ? (window.navigation as EventTarget) : null;
    window.addEventListener('beforeunload', ask);
    navigation?.addEventListener('navigate', askBeforeTraversal);
    return () => {
      window.removeEventListener('beforeunload', ask);
      navigation?.removeEventListener('navigate', askBeforeTraversal);
    };
  }, [isActive, question]);
}
