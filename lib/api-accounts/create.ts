import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { checkNewAccount, describeTaken } from './check-new.ts';
import type { FieldErrors, NewApiAccount, StartedDelivery } from './schema.ts';

export type CreateResult =
  | { ok: true; account: StartedDelivery }
  | { ok: false; reason: 'invalid'; fieldErrors: FieldErrors<'username' | 'email' | 'phone'> }
  | ReauthenticationRequired;

/** Inserts the account; returns null if the username is taken. The unique constraint decides concurrent inserts. */
async function insertAccount(
  transaction: Transaction,
  administrator: Administrator,
  input: NewApiAccount,
): Promise<string | null> {
  const [row] = await transaction
    .insert(apiAccounts)
    .values({
      id: uuidv7(),
      ...input,
      usernameFolded: foldUsername(input.username),
      updatedBy: administrator.userId,
    })
    .onConflictDoNothing({ target: apiAccounts.usernameFolded })
    .returning({ id: apiAccounts.id });
  if (!row) return null;
  await transaction.insert(apiAccountUsage).values({ accountId: row.id });
  return row.id;
}

/**
 * Creates an API account and starts its reveal.
 * One transaction writes the account, the reveal, both messages, their jobs and the audit events. An SMS that the SMS
 * policy blocks gets no job. Requires recent authentication.
 */
export async function createApiAccount(
  database: Database,
  administrator: Administrator,
  input: NewApiAccount,
): Promise<CreateResult> {
  const { fieldErrors, phone } = await checkNewAccount(database, administrator, input);
  if (phone === null || fieldErrors.username) return { ok: false, reason: 'invalid', fieldErrors };
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { username, email } = input;
  const { userId, ipAddress } = administrator;
  const queue = await getQueue(database.$client);
  const account = await withTransaction(database, async (transaction) => {
    const details = { username, email, phone };
    const id = await insertAccount(transaction, administrator, details);
    if (!id) return null;
    recordAuditEvent(transaction, 'api_account.created', { userId, accountId: id, ipAddress, details });
    const recipient = { accountId: id, email, phone };
    const { revealId, smsBlockedReason } = await startReveal(transaction, queue, recipient, administrator);
    await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, id));
    return { id, ...details, smsBlockedReason };
  });
  if (account) return { ok: true, account };
  return { ok: false, reason: 'invalid', fieldErrors: { username: describeTaken(username) } };
}
