import { WARNING_PERCENT } from './limits.ts';
import type { SmsUsage } from './schema.ts';

export type UsageLevel = 'fine' | 'near' | 'reached';

/** Returns the usage from which administrators are warned: `WARNING_PERCENT` of the limit, rounded up. */
export function warningThreshold(perDay: number): number {
  return Math.ceil((perDay * WARNING_PERCENT) / 100);
}

/** Compares a day's usage with its limit. */
export function usageLevel({ queued, perDay }: Pick<SmsUsage, 'queued' | 'perDay'>): UsageLevel {
  if (queued >= perDay) return 'reached';
  return queued >= warningThreshold(perDay) ? 'near' : 'fine';
}
