import { type SQL, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { expiryPolicy } from '#db/schema/expiry.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';
import { EXPIRY_PAGE } from './labels.ts';
import type { ExpiryLimits, ExpiryPolicy } from './schema.ts';

const columns = {
  defaultDays: expiryPolicy.defaultDays,
  maxDays: expiryPolicy.maxDays,
  version: expiryPolicy.version,
};

/** Applies until an administrator first saves the policy: accounts need not expire. */
const DEFAULT_POLICY: ExpiryPolicy = { defaultDays: null, maxDays: null, version: 0 };

/** Reads the current expiry policy. */
export async function readExpiryPolicy(database: Queryable): Promise<ExpiryPolicy> {
  const [savedPolicy] = await database.select(columns).from(expiryPolicy);
  return savedPolicy ?? DEFAULT_POLICY;
}

/** Locks the expiry policy for the rest of the transaction. Before the first change there is no row to lock. */
export async function lockExpiryPolicy(transaction: Transaction): Promise<ExpiryPolicy> {
  const [savedPolicy] = await transaction.select(columns).from(expiryPolicy).for('update');
  return savedPolicy ?? DEFAULT_POLICY;
}

/** Selects the midnight that ends the day, in the organisation's time zone, on which a lifetime ends that begins now. */
const selectEndOfLifetime = (days: SQL): SQL<Date | null> =>
  sql<Date | null>`((((now() at time zone ${settings().organisationTimeZone}::text)::date + ${days} + 1)::timestamp)
    at time zone ${settings().organisationTimeZone}::text)`.mapWith(expiryPolicy.updatedAt);

const subtract = (time: Date | null, ms: number) => time && new Date(time.getTime() - ms);

/**
 * Reads which expiry the policy gives a new account today, and which ones it allows. Lifetimes end at the end of a day in
 * the organisation's time zone, so that the latest expiry can be named by its date.
 */
export async function readExpiryLimits(database: Queryable): Promise<ExpiryLimits> {
  const { defaultDays, maxDays } = expiryPolicy;
  const [row] = await database
    .select({
      maxDays,
      endOfDefault: selectEndOfLifetime(sql`coalesce(${defaultDays}, ${maxDays})`),
      endOfMaximum: selectEndOfLifetime(sql`${maxDays}`),
    })
    .from(expiryPolicy);
  return {
    // A minute before midnight: midnight itself would be written with the date of the next day.
    defaultExpiresAt: subtract(row?.endOfDefault ?? null, 60_000),
    latestExpiresAt: subtract(row?.endOfMaximum ?? null, 1),
    maxDays: row?.maxDays ?? null,
    timeZone: settings().organisationTimeZone,
  };
}

/** Returns why the limits do not allow an expiry, for the administrator; undefined if they do. Null is no expiry. */
export function findExpiryError(
  { latestExpiresAt, maxDays, timeZone }: ExpiryLimits,
  expiresAt: Date | null,
): string | undefined {
  if (latestExpiresAt === null || maxDays === null) return undefined;
  if (expiresAt !== null && expiresAt <= latestExpiresAt) return undefined;
  const latest = latestExpiresAt.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone,
  });
  return `Enter a date up to ${latest}: accounts can last at most ${formatDuration(maxDays, 'day')}, as set in Settings › ${EXPIRY_PAGE}.`;
}
