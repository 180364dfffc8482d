import { sql } from 'drizzle-orm';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { createToken, readToken } from '#lib/platform/signed-tokens/token.ts';
import { REPORT_DAYS } from './limits.ts';

/**
 * Differs from the reveal's purpose, so that neither token is valid for the other link. Part of every token: a new
 * purpose would invalidate the links that were already sent.
 */
const PURPOSE = 'objection link';

/** Derives the token in a notice's link to report the change: 64 characters of base64url. */
export function changeReportToken(changeId: string, secret: string): string {
  return createToken(PURPOSE, changeId, secret);
}

/** Returns the id of the token's change; null if the signature is invalid or the encoding is not canonical. */
export function readChangeReportToken(token: string, secret: string): string | null {
  return readToken(PURPOSE, token, secret);
}

/** When the link in a change's notice expires. */
export const reportDeadline = sql`${contactChanges.at} + make_interval(hours => ${REPORT_DAYS * 24})`;

/** Whether the link is still valid, by the database's clock. */
export const isReportable = sql<boolean>`${reportDeadline} > now()`;
