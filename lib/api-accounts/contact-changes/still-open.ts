import { sql } from 'drizzle-orm';
import { addressChanges } from '#db/schema/address-changes.ts';
import { OBJECTION_DAYS } from './limits.ts';

/** When the link in a change's notice ends. */
export const objectionEnd = sql`${addressChanges.at} + make_interval(hours => ${OBJECTION_DAYS * 24})`;

/** Whether it is still good, by the database's clock. */
export const stillOpen = sql<boolean>`${objectionEnd} > now()`;
