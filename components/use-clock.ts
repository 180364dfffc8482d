'use client';
import { useEffect, useState } from 'react';

/**
 * The database's time in milliseconds, worked out from an answer that carried it, once a second.
 * @param now the database's time in the answer, ISO 8601
 * @param receivedAt this browser's time when the answer came
 */
export function useClock(now: string, receivedAt: number): number {
  const [tick, setTick] = useState(receivedAt);
  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Date.parse(now) + Math.max(0, tick - receivedAt);
}

/** Whole seconds from one time to another, at least 0. */
export function secondsUntil(at: string, clock: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - clock) / 1_000));
}

/** "9:05". */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
