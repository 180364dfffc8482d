import { pgTable, uuid } from 'drizzle-orm/pg-core';
import { apiAccounts } from './api-accounts.ts';
import { instant } from './columns.ts';

/** When each account's key last opened the verifier. Apart from the account, so that no act waits for a count. */
export const apiAccountUsage = pgTable('api_account_usage', {
  accountId: uuid('account_id')
    .primaryKey()
    .references(() => apiAccounts.id, { onDelete: 'cascade' }),
  lastUsedAt: instant('last_used_at').notNull(),
});
