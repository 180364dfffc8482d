import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isReportable } from './reportable.ts';
import type { ChangeView } from './schema.ts';
import { readChangeReportToken } from './token.ts';

export type Opened = { ok: true; change: ChangeView } | { ok: false; reason: 'ended' };

const columns = {
  username: apiAccounts.username,
  changedEmail: sql<boolean>`${contactChanges.oldEmail} <> ${contactChanges.newEmail}`,
  changedPhone: sql<boolean>`${contactChanges.oldPhone} <> ${contactChanges.newPhone}`,
  at: contactChanges.at,
  objected: sql<boolean>`${contactChanges.objectedAt} is not null`,
};

/**
 * What the page behind a notice's link shows. It reads and no more: mail scanners open links too.
 * @returns `ended` alike for an unknown, malformed or late link
 */
export async function openContactChange(database: Database, token: string): Promise<Opened> {
  const id = readChangeReportToken(token, settings().authSecret);
  if (!id) return { ok: false, reason: 'ended' };
  const [row] = await database
    .select(columns)
    .from(contactChanges)
    .innerJoin(apiAccounts, eq(apiAccounts.id, contactChanges.accountId))
    .where(and(eq(contactChanges.id, id), isReportable));
  if (!row) return { ok: false, reason: 'ended' };
  const { at, ...change } = row;
  return { ok: true, change: { ...change, changedAt: at.toISOString() } };
}
