import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { checkNewAccount, describeUnavailable } from './check-new.ts';
import { readReservationEnd } from './deleted.ts';
import { findExpiryError, readExpiryLimits } from './expiry/policy.ts';
import { skipDueReminder } from './expiry/reminders.ts';
import type { FieldErrors, NewApiAccount, StartedDelivery } from './schema.ts';
import { describeUnusableScope, lockScopes } from './scopes/lock.ts';

export type CreateResult =
  | { ok: true; account: StartedDelivery }
  | {
      ok: false;
      reason: 'invalid';
      fieldErrors: FieldErrors<'username' | 'email' | 'phone' | 'expiresAt' | 'scopes' | 'allowedNetworks'>;
    }
  | ReauthenticationRequired;

/** What an account's keys give access to. */
type Access = {
  expiresAt: Date | null;
  scopes: string[] | null;
  allowedNetworks: string[] | null;
  requestsPerMinute: number | null;
};

/** `reservedUntil`: if the username is that of a deleted account, when it can be used again. */
type InsertResult = { ok: true; id: string } | { ok: false; reservedUntil: Date | null };

/**
 * Inserts the account, unless the username is taken or reserved. The unique constraint decides concurrent inserts. It also
 * waits for a concurrent deletion of an account with the username, so the reservation is read after the insert.
 */
async function insertAccount(
  transaction: Transaction,
  actor: Actor<'accounts:write'>,
  fields: Pick<NewApiAccount, 'username' | 'email' | 'phone'> & Access & { notes: string },
): Promise<InsertResult> {
  const usernameFolded = foldUsername(fields.username);
  const [row] = await transaction
    .insert(apiAccounts)
    .values({
      id: uuidv7(),
      ...fields,
      usernameFolded,
      createdBy: getActorId(actor),
      updatedBy: getActorId(actor),
    })
    .onConflictDoNothing({ target: apiAccounts.usernameFolded })
    .returning({ id: apiAccounts.id });
  if (!row) return { ok: false, reservedUntil: null };
  const reservedUntil = await readReservationEnd(transaction, usernameFolded);
  if (reservedUntil) {
    await transaction.delete(apiAccounts).where(eq(apiAccounts.id, row.id));
    return { ok: false, reservedUntil };
  }
  await transaction.insert(apiAccountUsage).values({ accountId: row.id });
  return { ok: true, id: row.id };
}

/** Describes for the audit log how the access is limited, as an edit does. */
const describeAccess = ({ expiresAt, scopes, requestsPerMinute }: Access) => ({
  ...(expiresAt && { expiresAt }),
  ...(scopes && { scopes: scopes.join(' ') }),
  ...(requestsPerMinute !== null && { requestsPerMinute }),
});

/** Starts the first reveal of an account that was just inserted or locked. @returns why its SMS was blocked, or null */
async function startFirstReveal(
  transaction: Transaction,
  queue: PgBoss,
  actor: Actor<'accounts:write'>,
  recipient: { accountId: string; email: string; phone: string },
): Promise<string | null> {
  const { revealId, smsBlockedReason } = await startReveal(
    transaction,
    queue,
    recipient,
    getAuditActor(actor),
  );
  await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, recipient.accountId));
  return smsBlockedReason;
}

/**
 * Creates an API account and starts its reveal.
 * One transaction writes the account, the reveal, both messages, their jobs and the audit events. An SMS that the SMS
 * policy blocks gets no job. If no expiry was chosen, the account gets the default of the expiry policy. Requires recent
 * authentication.
 * @param options.startsDelivery false if the caller will call `startDelivery`: after it has created many accounts together,
 *   because a transaction that sends an SMS keeps others from doing so
 */
export async function createApiAccount(
  database: Database,
  actor: Actor<'accounts:write'>,
  input: NewApiAccount,
  { startsDelivery = true }: { startsDelivery?: boolean } = {},
): Promise<CreateResult> {
  const checked = await checkNewAccount(database, actor, input);
  const { phone, wasPhoneConfirmed, allowedNetworks } = checked;
  const limits = await readExpiryLimits(database);
  const { username, email, expiresAt = limits.defaultExpiresAt, scopes = null } = input;
  const { requestsPerMinute = null, notes = '' } = input;
  const expiryError = findExpiryError(limits, expiresAt);
  const fieldErrors = { ...checked.fieldErrors, ...(expiryError && { expiresAt: expiryError }) };
  if (phone === null || Object.keys(fieldErrors).length > 0)
    return { ok: false, reason: 'invalid', fieldErrors };
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const access = { expiresAt, scopes, allowedNetworks, requestsPerMinute };
  const queue = await getQueue(database.$client);
  return withActorTransaction(database, actor, async (transaction): Promise<CreateResult> => {
    const unusableScope = await lockScopes(transaction, scopes ?? []);
    if (unusableScope !== undefined) {
      const message = describeUnusableScope(unusableScope);
      return { ok: false, reason: 'invalid', fieldErrors: { scopes: message } };
    }
    const details = { username, email, phone };
    const inserted = await insertAccount(transaction, actor, { ...details, ...access, notes });
    if (!inserted.ok) {
      const message = describeUnavailable(username, inserted.reservedUntil);
      return { ok: false, reason: 'invalid', fieldErrors: { username: message } };
    }
    const { id } = inserted;
    recordAuditEvent(transaction, 'api_account.created', {
      ...getAuditActor(actor),
      accountId: id,
      details: {
        username,
        ...(wasPhoneConfirmed && { phoneConfirmed: true }),
        ...describeAccess(access),
      },
      erasableDetails: {
        email,
        phone,
        ...(allowedNetworks && { allowedNetworks: allowedNetworks.join(', ') }),
      },
    });
    recordWebhookEvent(transaction, { type: 'api_account.created', account: id });
    const recipient = { accountId: id, email, phone };
    const smsBlockedReason = startsDelivery
      ? await startFirstReveal(transaction, queue, actor, recipient)
      : null;
    if (expiresAt) await skipDueReminder(transaction, id);
    return { ok: true, account: { id, ...details, smsBlockedReason } };
  });
}

export type StartDeliveryResult =
  | { ok: true; smsBlockedReason: string | null }
  | { ok: false; reason: 'not_found' | 'already_started' };

/** Starts the first key delivery of an account that was created without one. */
export async function startDelivery(
  database: Database,
  actor: Actor<'accounts:write'>,
  id: string,
): Promise<StartDeliveryResult> {
  const queue = await getQueue(database.$client);
  const { email, phone, revealId } = apiAccounts;
  return withActorTransaction(database, actor, async (transaction): Promise<StartDeliveryResult> => {
    const [locked] = await transaction
      .select({ email, phone, revealId, hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null` })
      .from(apiAccounts)
      .where(eq(apiAccounts.id, id))
      .for('update');
    if (!locked) return { ok: false, reason: 'not_found' };
    if (locked.revealId !== null || locked.hasKey) return { ok: false, reason: 'already_started' };
    const recipient = { accountId: id, email: locked.email, phone: locked.phone };
    return { ok: true, smsBlockedReason: await startFirstReveal(transaction, queue, actor, recipient) };
  });
}
