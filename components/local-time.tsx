'use client';
import { uncapitalize } from './format.ts';
import { formatDate, formatDay, formatExact, formatRelative, formatTimeOfDay } from './format-time.ts';
import { useHydrated } from './use-hydrated.ts';

/** Returns the browser's time zone (IANA name). Not for rendering: see `useTimeZone`. */
export const getTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the browser's time zone (IANA name); "UTC" in the server's HTML and during hydration, so that both agree. */
export function useTimeZone(): string {
  return useHydrated() ? getTimeZone() : 'UTC';
}

const FORMATS = { day: formatDay, date: formatDate, 'time of day': formatTimeOfDay, exact: formatExact };

/** Renders a time in the browser's time zone. The formats with a time of day name the zone. */
export function LocalTime({ at, format = 'exact' }: { at: Date; format?: keyof typeof FORMATS }) {
  return <time dateTime={at.toISOString()}>{FORMATS[format](at, useTimeZone())}</time>;
}

type RelativeTimeProps = {
  at: Date;
  now: Date;
  /** Starts the text in lower case: "just now". */
  isMidSentence?: boolean;
};

/** Renders how long ago a time was, with the exact time in the browser's time zone as a tooltip. */
export function RelativeTime({ at, now, isMidSentence = false }: RelativeTimeProps) {
  const timeZone = useTimeZone();
  const text = formatRelative(at, now, timeZone);
  return (
    <time dateTime={at.toISOString()} title={formatExact(at, timeZone)}>
      {isMidSentence ? uncapitalize(text) : text}
    </time>
  );
}
