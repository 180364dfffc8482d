import { customType, timestamp } from 'drizzle-orm/pg-core';

/** A `timestamp with time zone`, set by the database's clock. */
export const timestamptz = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** A `bytea`. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
