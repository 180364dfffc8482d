import { z } from 'zod';

/** The account whose usage is requested. */
export const accountUsageSchema = z.object({ id: z.uuid() });

/** Numbers of verifier responses with the status 200, 403 and 429. */
export type UsageCounts = { allowed: number; inactive: number; limited: number };
/** The counts of one hour or day (UTC), with its start. */
export type UsageBucket = UsageCounts & { from: Date };
/** Consecutive hours or days, oldest first, and their sum. */
export type UsagePeriod = { buckets: UsageBucket[]; total: UsageCounts };

export type AccountUsage = {
  /** The last request that was allowed; null if there was none. */
  lastUsedAt: Date | null;
  /** When the usage was read, by the database's clock. */
  readAt: Date;
  /** 24 hours, the current one last. */
  hours: UsagePeriod;
  /** 30 days, today last. */
  days: UsagePeriod;
};
