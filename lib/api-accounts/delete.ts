import { eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccountDays, apiAccountMinutes, apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { eraseAuditDetails } from '#lib/audit/erase.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { eraseWebhookEvents } from '#lib/webhook-events/erase.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { readDeletedAccount } from './deleted.ts';
import { type DeleteApiAccount, type DeletedAccount, type FieldErrors, isTypedUsername } from './schema.ts';

export type DeleteResult =
  | { ok: true; account: DeletedAccount }
  | { ok: false; reason: 'invalid'; fieldErrors: FieldErrors<'username'> }
  /** Another administrator may have deleted it. */
  | { ok: false; reason: 'not_found' }
  | ReauthenticationRequired;

/** Locks the account's row for the rest of the transaction. */
async function lockAccount(transaction: Transaction, id: string) {
  const [locked] = await transaction
    .select({
      id: apiAccounts.id,
      username: apiAccounts.username,
      usernameFolded: apiAccounts.usernameFolded,
      createdAt: apiAccounts.createdAt,
      createdBy: apiAccounts.createdBy,
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id))
    .for('update');
  return locked;
}

/**
 * Deletes the account's row, and with it its reveals, contact changes and their messages. Also deletes its usage, and the
 * contact details in its audit and webhook events.
 */
async function deleteRows(
  transaction: Transaction,
  { id, username }: { id: string; username: string },
): Promise<void> {
  await transaction.delete(apiAccounts).where(eq(apiAccounts.id, id));
  for (const table of [apiAccountUsage, apiAccountMinutes, apiAccountDays, apiAccountAddresses])
    await transaction.delete(table).where(eq(table.accountId, id));
  await eraseAuditDetails(transaction, id);
  await eraseWebhookEvents(transaction, { id, username });
}

/**
 * Deletes an account, if the administrator typed its username. From the commit on, its key, link and code are invalid,
 * queued messages are not sent, and its email addresses and phone numbers are in no table, except in audit events from
 * before they could be erased. Keeps its id and username, for the audit log and the reservation of the username. The
 * worker then removes its messages from the outbox. Requires recent authentication.
 */
export async function deleteApiAccount(
  database: Database,
  actor: Actor<'accounts:write'>,
  { id, username: typedUsername }: DeleteApiAccount,
): Promise<DeleteResult> {
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withActorTransaction(database, actor, async (transaction): Promise<DeleteResult> => {
    const locked = await lockAccount(transaction, id);
    if (!locked) return { ok: false, reason: 'not_found' };
    const { username } = locked;
    if (!isTypedUsername(typedUsername, username)) {
      const message = `Enter “${username}” to confirm.`;
      return { ok: false, reason: 'invalid', fieldErrors: { username: message } };
    }
    await deleteRows(transaction, locked);
    await transaction.insert(deletedApiAccounts).values({ ...locked, deletedBy: getActorId(actor) });
    recordAuditEvent(transaction, 'api_account.deleted', {
      ...getAuditActor(actor),
      accountId: id,
      details: { username },
    });
    const data = { account: { id, username } };
    recordWebhookEvent(transaction, { type: 'api_account.deleted', account: id, data });
    const account = await readDeletedAccount(transaction, id);
    if (!account) throw new Error('the deleted account was not found');
    return { ok: true, account };
  });
}
