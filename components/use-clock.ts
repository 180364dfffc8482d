'use client';
import { useEffect, useState } from 'react';

/**
 * Returns the database's time in milliseconds, updated every second.
 * @param now the database's time in a response, ISO 8601
 * @param receivedAt the browser's time when the response arrived, in milliseconds
 */
export function useClock(now: string, receivedAt: number): number {
  const [tick, setTick] = useState(receivedAt);
  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Date.parse(now) + Math.max(0, tick - receivedAt);
}

/** Returns the whole seconds until `at`, at least 0. */
export function secondsUntil(at: string, clock: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - clock) / 1_000));
}

/** Formats seconds as "9:05". */
export function formatMinutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
