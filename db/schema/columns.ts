import { customType, timestamp } from 'drizzle-orm/pg-core';

/**
 * Defines a `timestamp with time zone` column. Its values come from the database's clock, except times that a provider
 * reports.
 */
export const timestamptz = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Defines a `bytea` column. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
