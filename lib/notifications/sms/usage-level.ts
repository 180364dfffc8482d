import { WARNING_PERCENT } from './limits.ts';
import type { SmsUsage } from './schema.ts';

/** How close a day's usage is to the daily limit: `near` from the warning threshold on. */
export type UsageLevel = 'normal' | 'near' | 'reached';

/** Returns the usage from which administrators are warned: `WARNING_PERCENT` of the limit, rounded up. */
export function getWarningThreshold(perDay: number): number {
  return Math.ceil((perDay * WARNING_PERCENT) / 100);
}

/** Compares a day's usage with its limit. */
export function getUsageLevel({ queued, perDay }: Pick<SmsUsage, 'queued' | 'perDay'>): UsageLevel {
  if (queued >= perDay) return 'reached';
  return queued >= getWarningThreshold(perDay) ? 'near' : 'normal';
}
