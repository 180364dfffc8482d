import { z } from 'zod';

/** Whose use is asked for. */
export const accountUsageSchema = z.object({ id: z.uuid() });

/** How often the verifiers answered: 200, 403 and 429. */
export type Counts = { allowed: number; inactive: number; limited: number };
/** The counts of one hour or day (in UTC), and when it began. */
export type Bucket = Counts & { from: Date };
export type Period = { buckets: Bucket[]; total: Counts };

export type AccountUsage = {
  lastUsedAt: Date | null;
  /** When all this was read, by the database's clock. */
  readAt: Date;
  /** 24 hours, the present one last. */
  hours: Period;
  /** 30 days, today last. */
  days: Period;
};
