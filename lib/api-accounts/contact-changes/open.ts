import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { addressChanges } from '#db/schema/address-changes.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { settings } from '#lib/platform/config/settings.ts';
import type { ChangeView } from './schema.ts';
import { stillOpen } from './still-open.ts';
import { readObjectionToken } from './token.ts';

export type Opened = { ok: true; change: ChangeView } | { ok: false; reason: 'ended' };

const columns = {
  username: apiAccounts.username,
  changedEmail: sql<boolean>`${addressChanges.oldEmail} <> ${addressChanges.newEmail}`,
  changedPhone: sql<boolean>`${addressChanges.oldPhone} <> ${addressChanges.newPhone}`,
  at: addressChanges.at,
  objected: sql<boolean>`${addressChanges.objectedAt} is not null`,
};

/**
 * What the page behind a notice's link shows. It reads and no more: mail scanners open links too.
 * @returns `ended` alike for an unknown, malformed or late link
 */
export async function openAddressChange(database: Database, token: string): Promise<Opened> {
  const id = readObjectionToken(token, settings().authSecret);
  if (!id) return { ok: false, reason: 'ended' };
  const [row] = await database
    .select(columns)
    .from(addressChanges)
    .innerJoin(apiAccounts, eq(apiAccounts.id, addressChanges.accountId))
    .where(and(eq(addressChanges.id, id), stillOpen));
  if (!row) return { ok: false, reason: 'ended' };
  const { at, ...change } = row;
  return { ok: true, change: { ...change, changedAt: at.toISOString() } };
}
