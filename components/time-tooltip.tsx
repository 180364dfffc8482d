'use client';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatExact } from './format-time.ts';

/** Opens sooner than tooltips usually do, because the tooltip covers nothing that is needed. */
const OPEN_DELAY_MS = 300;
/** Leaves time to move the pointer over the gap into the tooltip (WCAG 1.4.13). */
const CLOSE_DELAY_MS = 150;
const GAP_PX = 6;
const WINDOW_MARGIN_PX = 8;

type TimeToShow = { at: Date; timeZone: string };

/** Wraps the text of a time. Hover or focus shows the exact time in `timeZone` and in UTC. */
export function TimeTooltipTrigger({ at, timeZone, children }: TimeToShow & { children: ReactNode }) {
  return (
    <time
      dateTime={at.toISOString()}
      data-time-zone={timeZone === 'UTC' ? undefined : timeZone}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need focus to see the tooltip (WCAG 2.1.1).
      tabIndex={0}
    >
      {children}
    </time>
  );
}

const findTime = ({ target }: Event) =>
  target instanceof Element ? target.closest<HTMLTimeElement>('time[tabindex]') : null;

/** Puts the tooltip above the time, or below it if there is no room, within the window. */
function placeBeside(tooltip: HTMLElement, time: HTMLElement): void {
  const { left, width, top, bottom } = time.getBoundingClientRect();
  const { width: ownWidth, height: ownHeight } = tooltip.getBoundingClientRect();
  const above = top - GAP_PX - ownHeight;
  const furthestLeft = document.documentElement.clientWidth - WINDOW_MARGIN_PX - ownWidth;
  const centred = left + width / 2 - ownWidth / 2;
  tooltip.style.left = `${Math.max(WINDOW_MARGIN_PX, Math.min(centred, furthestLeft))}px`;
  tooltip.style.top = `${above < WINDOW_MARGIN_PX ? bottom + GAP_PX : above}px`;
}

/**
 * Shows the tooltip of all times on the page, whose triggers need no code of their own. The root layout renders it once.
 * It opens for a mouse or pen, and for a focus by keyboard. It closes with Escape, which then closes nothing else.
 */
export function TimeTooltip() {
  const [time, setTime] = useState<HTMLTimeElement | null>(null);
  const tooltip = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const show = (next: HTMLTimeElement | null, delayMs: number) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(setTime, delayMs, next);
    };
    const handlePointerOver = (event: PointerEvent) => {
      if (event.pointerType === 'touch') return;
      if (tooltip.current?.contains(event.target as Node)) return clearTimeout(timer.current);
      const next = findTime(event);
      show(next, next ? OPEN_DELAY_MS : CLOSE_DELAY_MS);
    };
    const handleFocusIn = (event: FocusEvent) => {
      const next = findTime(event);
      show(next?.matches(':focus-visible') ? next : null, 0);
    };
    const close = () => show(null, 0);
    document.addEventListener('pointerover', handlePointerOver);
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', handleFocusIn);
    document.addEventListener('focusout', close);
    return () => {
      clearTimeout(timer.current);
      document.removeEventListener('pointerover', handlePointerOver);
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', handleFocusIn);
      document.removeEventListener('focusout', close);
    };
  }, []);

  useLayoutEffect(() => {
    if (!time || !tooltip.current) return;
    const popup = tooltip.current;
    const place = () => placeBeside(popup, time);
    place();
    const close = () => setTime(null);
    const handleKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    };
    // The time may disappear with its row or page.
    const observer = new MutationObserver(() => {
      if (!time.isConnected) close();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    window.addEventListener('keydown', handleKeyDown, { capture: true });
    // A focus by keyboard scrolls to the time.
    window.addEventListener('scroll', place, { capture: true, passive: true });
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      window.removeEventListener('keydown', handleKeyDown, { capture: true });
      window.removeEventListener('scroll', place, { capture: true });
      window.removeEventListener('resize', place);
    };
  }, [time]);

  if (!time) return null;
  return (
    <div
      ref={tooltip}
      role="tooltip"
      className="fixed z-50 rounded-md border border-line bg-surface px-3 py-2 text-ink text-sm shadow-popup"
    >
      <TimeInZones at={new Date(time.dateTime)} timeZone={time.dataset.timeZone ?? 'UTC'} />
    </div>
  );
}

function TimeInZones({ at, timeZone }: TimeToShow) {
  const zones = timeZone === 'UTC' ? ['UTC'] : [timeZone, 'UTC'];
  return zones.map((zone) => (
    <p key={zone} className="tabular-nums">
      {formatExact(at, zone)}
    </p>
  ));
}
