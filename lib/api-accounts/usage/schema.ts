import { z } from 'zod';

/** The account whose usage is requested. */
export const accountUsageSchema = z.object({ id: z.uuid() });

/** Number of verifier responses with status 200, 403 and 429. */
export type Counts = { allowed: number; inactive: number; limited: number };
/** The counts of one hour or day (UTC), with its start. */
export type Bucket = Counts & { from: Date };
export type Period = { buckets: Bucket[]; total: Counts };

export type AccountUsage = {
  lastUsedAt: Date | null;
  /** When the usage was read, by the database's clock. */
  readAt: Date;
  /** 24 hours, the current one last. */
  hours: Period;
  /** 30 days, today last. */
  days: Period;
};
