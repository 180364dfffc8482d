import { sql } from 'drizzle-orm';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { REPORT_DAYS } from './limits.ts';

/** When the link in a change's notice ends. */
export const reportDeadline = sql`${contactChanges.at} + make_interval(hours => ${REPORT_DAYS * 24})`;

/** Whether it is still good, by the database's clock. */
export const isReportable = sql<boolean>`${reportDeadline} > now()`;
