import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { getOutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { settings } from '#lib/platform/config/settings.ts';

export type ChecklistStep = 'account' | 'key' | 'verification' | 'colleague' | 'providers';
/** The steps of a first run in their order, and whether each is done. */
export type Checklist = { step: ChecklistStep; isDone: boolean }[];

const exists = (rows: SQL): SQL<boolean> => sql<boolean>`exists (select from ${rows})`;

/**
 * Reads which steps of a first run any administrator has done. No step is stored: each is read from the accounts,
 * their keys, their usage, the users and the settings.
 * @returns null if all steps are done, or if the administrator has dismissed the checklist
 */
export async function readChecklist(
  database: Database,
  { userId }: Administrator,
): Promise<Checklist | null> {
  const [row] = await database
    .select({
      isDismissed: sql<boolean>`${users.checklistDismissedAt} is not null`,
      account: exists(sql`${apiAccounts}`),
      // Also after the key was reset.
      key: exists(sql`${reveals} where ${reveals.endReason} = 'shown'`),
      // Each account has a row. The minute of the last use has an index, and is that of the epoch before the first use.
      verification: exists(sql`${apiAccountUsage} where ${apiAccountUsage.lastUsedMinute} > 'epoch'`),
      colleague: exists(sql`${users} as colleagues where colleagues.id <> ${userId}`),
    })
    .from(users)
    .where(eq(users.id, userId));
  if (!row || row.isDismissed) return null;
  const { account, key, verification, colleague } = row;
  const outbox = getOutboxChannels(settings());
  const checklist: Checklist = [
    { step: 'account', isDone: account },
    { step: 'key', isDone: key },
    { step: 'verification', isDone: verification },
    { step: 'colleague', isDone: colleague },
    { step: 'providers', isDone: !outbox.email && !outbox.sms },
  ];
  return checklist.every(({ isDone }) => isDone) ? null : checklist;
}

/**
 * Hides the checklist from an administrator. Other administrators still see it until they dismiss it, because they may
 * need it although this one does not.
 */
export async function dismissChecklistFor(database: Database, { userId }: Administrator): Promise<void> {
  await database.update(users).set({ checklistDismissedAt: sql`now()` }).where(eq(users.id, userId));
}
