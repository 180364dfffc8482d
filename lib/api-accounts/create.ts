import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startReveal } from '#lib/key-delivery/reveal/start.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { type AccountSummary, type FieldErrors, foldUsername, type NewApiAccount } from './schema.ts';
import { readSummary } from './summary.ts';
import { validatePhone } from './validate-phone.ts';

export type CreateResult =
  | { ok: true; account: AccountSummary }
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
  return row?.id ?? null;
}

/**
 * Creates an API account and starts its reveal.
 * One transaction writes the account, the reveal, both messages and the audit events.
 */
export async function createApiAccount(
  database: Database,
  administrator: Administrator,
  input: NewApiAccount,
): Promise<CreateResult> {
  const validated = await validatePhone(database, input.phone);
  if (!validated.ok) return { ok: false, reason: 'invalid', fieldErrors: { phone: validated.message } };
  const { phone } = validated;
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { username, email } = input;
  const { userId, address } = administrator;
  const queue = await queueFor(database.$client);
  const account = await withTransaction(database, async (transaction) => {
    const accountId = await insertAccount(transaction, administrator, { username, email, phone });
    if (!accountId) return null;
    const details = { username, email, phone };
    recordAuditEvent(transaction, 'api_account.created', { userId, accountId, address, details });
    const revealId = await startReveal(transaction, queue, { accountId, email, phone }, administrator);
    await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, accountId));
    return readSummary(transaction, accountId);
  });
  if (account) return { ok: true, account };
  const message = 'There is already an API account with this username. Choose another.';
  return { ok: false, reason: 'invalid', fieldErrors: { username: message } };
}
