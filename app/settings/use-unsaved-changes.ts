'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

/** The parts of the Navigation API that are used here. Not all browsers have it. */
type NavigateEvent = Event & { navigationType: string; destination: { key: string; sameDocument: boolean } };
type Navigation = EventTarget & { traverseTo(key: string): void };

const getNavigation = () => ('navigation' in window ? (window.navigation as Navigation) : null);

/** Asks before the form with unsaved changes on this page, if there is one, is left. */
let askOnThisPage: ((action: () => void) => void) | null = null;

/** Runs an action that leaves the page, immediately or after the user has agreed to lose unsaved changes. */
export const leavePage = (action: () => void) => (askOnThisPage ? askOnThisPage(action) : action());

/** Returns the link that a click follows in this tab, within Stagedoor; undefined if there is none. */
function findLink(event: MouseEvent): HTMLAnchorElement | undefined {
  const isModified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (isModified || !link?.href || (link.target && link.target !== '_self')) return undefined;
  const url = new URL(link.href);
  const isSamePage = url.pathname === window.location.pathname && url.search === window.location.search;
  return url.origin === window.location.origin && !isSamePage ? link : undefined;
}

/**
 * Asks before the user leaves a form with unsaved changes: by a link, Back or Forward, by closing the tab, by the command
 * palette, or by whatever the form passes to `askBefore`. Browsers without the Navigation API do not ask on Back and Forward; there, the form's
 * draft keeps what was typed. A reload by our own buttons does not ask, because the draft survives it.
 * @param onDiscard deletes the draft
 * @returns `askBefore` runs the action, immediately or after the user has agreed. `leave` runs it without a question, after the
 *   changes were saved. `question`: the props of `DiscardDialog`, which the caller renders
 */
export function useUnsavedChanges(hasChanges: boolean, onDiscard: () => void) {
  const pendingAction = useRef<(() => void) | null>(null);
  const hasAgreed = useRef(false);
  const [isOpen, setIsOpen] = useState(false);

  const askBefore = useCallback(
    (action: () => void) => {
      if (!hasChanges || hasAgreed.current) return action();
      pendingAction.current = action;
      setIsOpen(true);
    },
    [hasChanges],
  );

  useEffect(() => {
    if (!hasChanges) return;
    askOnThisPage = askBefore;
    let isReloading = false;
    const handleUnload = (event: BeforeUnloadEvent) => {
      if (isReloading || hasAgreed.current) return;
      event.preventDefault();
      // Older browsers ask only if this is set.
      event.returnValue = true;
    };
    const handleNavigate = (event: Event) => {
      const { navigationType, destination, cancelable } = event as NavigateEvent;
      isReloading = navigationType === 'reload';
      if (hasAgreed.current || !cancelable || navigationType !== 'traverse' || !destination.sameDocument)
        return;
      event.preventDefault();
      askBefore(() => getNavigation()?.traverseTo(destination.key));
    };
    const handleClick = (event: MouseEvent) => {
      const link = findLink(event);
      if (!link || hasAgreed.current) return;
      event.preventDefault();
      event.stopPropagation();
      askBefore(() => link.click());
    };
    window.addEventListener('beforeunload', handleUnload);
    getNavigation()?.addEventListener('navigate', handleNavigate);
    // Before the router's own handler.
    document.addEventListener('click', handleClick, { capture: true });
    return () => {
      askOnThisPage = null;
      window.removeEventListener('beforeunload', handleUnload);
      getNavigation()?.removeEventListener('navigate', handleNavigate);
      document.removeEventListener('click', handleClick, { capture: true });
    };
  }, [hasChanges, askBefore]);

  const leave = useCallback((action: () => void) => {
    hasAgreed.current = true;
    action();
  }, []);

  function close(isDiscarded: boolean) {
    setIsOpen(false);
    if (!isDiscarded) return;
    hasAgreed.current = true;
    onDiscard();
    pendingAction.current?.();
  }

  return { askBefore, leave, question: { isOpen, onClose: close } };
}
