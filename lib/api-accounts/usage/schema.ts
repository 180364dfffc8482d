import { z } from 'zod';

/** The account whose usage is requested. */
export const accountUsageSchema = z.object({ id: z.uuid() });

/** Numbers of the verifier's responses to requests that had a key of the account. */
export type UsageCounts = {
  /** Status 200. */
  allowed: number;
  /** Those of them to the previous key. */
  allowedPrevious: number;
  /** Status 403. */
  inactive: number;
  expired: number;
  insufficientScope: number;
  networkNotAllowed: number;
  /** Status 429. */
  limited: number;
};
export const NO_USAGE: UsageCounts = {
  allowed: 0,
  allowedPrevious: 0,
  inactive: 0,
  expired: 0,
  insufficientScope: 0,
  networkNotAllowed: 0,
  limited: 0,
};

/** The counts of one hour or day (UTC), with its start. */
export type UsageBucket = UsageCounts & { from: Date };
/** Consecutive hours or days, oldest first, and their sum. */
export type UsagePeriod = { buckets: UsageBucket[]; total: UsageCounts };

/** What a reset puts at stake: how an account is used at the moment. */
export type RecentUse = {
  /** The last request that was allowed, and its IP address; null if there was none or it is unknown. */
  lastUsedAt: Date | null;
  lastIpAddress: string | null;
  /** Requests that were allowed since midnight in the organisation's time zone. */
  requestsToday: number;
  /** IP addresses from which they came, at most about 100. Tests from the page that shows a key do not count. */
  addressesToday: number;
  /** When it was read, by the database's clock. */
  readAt: Date;
};

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
