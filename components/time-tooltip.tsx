'use client';
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactNode } from 'react';
import { formatExact } from './format-time.ts';

type TimeToShow = { at: Date; timeZone: string };

/** Connects every time on the page with the one tooltip. */
const handle = Tooltip.createHandle<TimeToShow>();

/** Opens sooner than Base UI's default, because the tooltip covers nothing that is needed. */
const DELAY_MS = 300;

/** Wraps the text of a time. Hover or focus shows the exact time in `timeZone` and in UTC. */
export function TimeTooltipTrigger({ at, timeZone, children }: TimeToShow & { children: ReactNode }) {
  return (
    <Tooltip.Trigger
      handle={handle}
      payload={{ at, timeZone }}
      delay={DELAY_MS}
      render={
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need focus to see the tooltip (WCAG 2.1.1).
        <time dateTime={at.toISOString()} tabIndex={0} className="rounded-sm" />
      }
    >
      {children}
    </Tooltip.Trigger>
  );
}

/** Renders the tooltip of all times. The root layout contains it once. */
export function TimeTooltip() {
  return (
    <Tooltip.Root handle={handle}>
      {({ payload }) => (
        <Tooltip.Portal>
          <Tooltip.Positioner sideOffset={6} collisionPadding={8} className="z-50">
            <Tooltip.Popup className="rounded-md border border-line bg-surface px-3 py-2 text-ink text-sm shadow-popup">
              {payload && <TimeInZones {...payload} />}
            </Tooltip.Popup>
          </Tooltip.Positioner>
        </Tooltip.Portal>
      )}
    </Tooltip.Root>
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
