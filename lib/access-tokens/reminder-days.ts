import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { getToday } from '#lib/notifications/sms/policy.ts';
import { settings } from '#lib/platform/config/settings.ts';

/**
 * Selects which reminder of an expiry is the latest due one: 14, 7, 1 or 0 days before the last day. It is due from the
 * start of a day in the organisation's time zone, and null if none is.
 */
export const selectReminderDays = (expiresAt: SQLWrapper, now: SQL) => sql<number | null>`(
  select min(days) from unnest(array[14, 7, 1, 0]) as days
  where ((${expiresAt} - interval '1 millisecond') at time zone ${settings().organisationTimeZone}::text)::date - days
    <= ${getToday(now)})`;
