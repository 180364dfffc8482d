import { desc, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';

type ChangedFields = Partial<Pick<AccountSummary, 'email' | 'phone' | 'active'>>;

/** Updates some fields of an account as an administrator. Returns the result with the updated account. */
export async function changeAccount(
  database: Database,
  administrator: Administrator,
  account: AccountSummary,
  changes: ChangedFields,
) {
  const { id, version, email, phone, active } = account;
  const result = await updateApiAccount(database, administrator, {
    id,
    version,
    email,
    phone,
    active,
    ...changes,
  });
  if (!result.ok) throw new Error(result.reason);
  return result;
}

/** Reads an account's latest contact change, with the token in its notice's link. */
export async function readLatestChange(database: Database, accountId: string) {
  const [change] = await database
    .select()
    .from(contactChanges)
    .where(eq(contactChanges.accountId, accountId))
    .orderBy(desc(contactChanges.id))
    .limit(1);
  if (!change) throw new Error('no contact change');
  return { ...change, token: createLinkToken('changeReport', change.id, settings().authSecret) };
}

/**
 * Simulates the passage of time by moving an account's contact changes into the past.
 * @param interval in PostgreSQL's syntax
 */
export async function letChangesAge(database: Database, accountId: string, interval: string): Promise<void> {
  await database.$client.query(
    `update contact_changes set at = at - $2::interval, reported_at = reported_at - $2::interval
     where account_id = $1`,
    [accountId, interval],
  );
}
