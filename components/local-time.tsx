'use client';
import { uncapitalize } from './format.ts';
import {
  formatDate,
  formatDay,
  formatExact,
  formatRelative,
  formatTimeAndDay,
  formatTimeOfDay,
} from './format-time.ts';
import { TimeTooltipTrigger } from './time-tooltip.tsx';
import { useHydrated } from './use-hydrated.ts';

/** Returns the browser's time zone (IANA name). Not for rendering: see `useTimeZone`. */
export const getTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the browser's time zone (IANA name); "UTC" in the server's HTML and during hydration, so that both agree. */
export function useTimeZone(): string {
  return useHydrated() ? getTimeZone() : 'UTC';
}

const FORMATS = {
  day: formatDay,
  date: formatDate,
  'time of day': formatTimeOfDay,
  'time and day': formatTimeAndDay,
  exact: formatExact,
};

type LocalTimeProps = {
  at: Date;
  format?: keyof typeof FORMATS;
  /** Default: the browser's. The limits use the organisation's. */
  timeZone?: string;
};

/**
 * Renders a time in the browser's or another time zone, and in UTC in a tooltip. The formats with a time of day name the
 * zone.
 */
export function LocalTime({ at, format = 'exact', timeZone }: LocalTimeProps) {
  const browserTimeZone = useTimeZone();
  const zone = timeZone ?? browserTimeZone;
  return (
    <TimeTooltipTrigger at={at} timeZone={zone}>
      {FORMATS[format](at, zone)}
    </TimeTooltipTrigger>
  );
}

type RelativeTimeProps = {
  at: Date;
  now: Date;
  /** Starts the text in lower case: "just now". */
  isMidSentence?: boolean;
  /** Whether the exact time is next to it, so that it needs no tooltip. */
  isBesideExactTime?: boolean;
};

/** Renders how long ago a time was, with the exact time in the browser's time zone and in UTC in a tooltip. */
export function RelativeTime({
  at,
  now,
  isMidSentence = false,
  isBesideExactTime = false,
}: RelativeTimeProps) {
  const timeZone = useTimeZone();
  const relative = formatRelative(at, now, timeZone);
  const text = isMidSentence ? uncapitalize(relative) : relative;
  if (isBesideExactTime) return <time dateTime={at.toISOString()}>{text}</time>;
  return (
    <TimeTooltipTrigger at={at} timeZone={timeZone}>
      {text}
    </TimeTooltipTrigger>
  );
}
