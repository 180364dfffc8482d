import { desc, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { changeReportToken } from '#lib/api-accounts/contact-changes/report-link.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';

type Edit = Partial<Pick<AccountSummary, 'email' | 'phone' | 'active'>>;

/** Saves an account with some of its fields changed, as an administrator does; gives the account as it is now. */
export async function changeAccount(
  database: Database,
  administrator: Administrator,
  account: AccountSummary,
  edit: Edit,
) {
  const { id, version, email, phone, active } = account;
  const result = await updateApiAccount(database, administrator, {
    id,
    version,
    email,
    phone,
    active,
    ...edit,
  });
  if (!result.ok) throw new Error(result.reason);
  return result;
}

/** The row of an account's latest change of address, with the token in its notice's link. */
export async function latestChange(database: Database, accountId: string) {
  const [change] = await database
    .select()
    .from(contactChanges)
    .where(eq(contactChanges.accountId, accountId))
    .orderBy(desc(contactChanges.id))
    .limit(1);
  if (!change) throw new Error('no change of address');
  return { ...change, token: changeReportToken(change.id, settings().authSecret) };
}

/** Moves the clock of an account's changes on by shifting their rows. `interval`: as PostgreSQL writes it. */
export async function letChangesAge(database: Database, accountId: string, interval: string): Promise<void> {
  await database.$client.query(
    `update address_changes set at = at - $2::interval, objected_at = objected_at - $2::interval
     where account_id = $1`,
    [accountId, interval],
  );
}
