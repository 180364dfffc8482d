'use client';
import { useEffect, useState } from 'react';

/**
 * Returns the database's time in milliseconds, updated every second.
 * @param respondedAt the database's time in a response, ISO 8601
 * @param receivedAt the browser's time when the response arrived, in milliseconds
 */
export function useClock(respondedAt: string, receivedAt: number): number {
  const [browserTime, setBrowserTime] = useState(receivedAt);
  useEffect(() => {
    const timer = setInterval(() => setBrowserTime(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Date.parse(respondedAt) + Math.max(0, browserTime - receivedAt);
}

/** Returns the seconds until `at` (ISO 8601), rounded up, at least 0. @param now the result of `useClock` */
export function secondsUntil(at: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - now) / 1_000));
}

/** Formats seconds as "9:05". */
export function formatMinutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
