import { sql } from 'drizzle-orm';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { ATTEMPTS_PER_LINK } from './limits.ts';

/** Column for a query on accounts and their current reveal: whether the reveal has no attempts left. */
export const isRevealLocked = sql<boolean>`coalesce(${reveals.endReason} = 'locked' or ${reveals.linkAttempts} >= ${ATTEMPTS_PER_LINK}, false)`;
/** Column for the same query: whether the reveal's link has expired. */
export const isRevealExpired = sql<boolean>`coalesce(${reveals.expiresAt} <= now(), false)`;

/** Selects whether the account itself has expired. */
export const isAccountExpired = sql<boolean>`coalesce(${apiAccounts.expiresAt} <= now(), false)`;
