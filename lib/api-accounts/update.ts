import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { recordContactChange } from '#lib/api-accounts/contact-changes/record.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import { endPreviousKey } from '#lib/key-delivery/previous-key.ts';
import { deleteSealedKey } from '#lib/key-delivery/reveal/sealed-key.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { validatePhone } from '#lib/notifications/sms/policy.ts';
import { type Actor, type AuditActor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { findExpiryError, readExpiryLimits } from './expiry/policy.ts';
import { parseNetworks } from './parse-networks.ts';
import { readAccount } from './read-account.ts';
import type { AccountChanges, AccountDetails, FieldErrors } from './schema.ts';
import { describeUnusableScope, lockScopes } from './scopes/lock.ts';
import { readSummary } from './summary.ts';

export type UpdateResult =
  | {
      ok: true;
      account: AccountDetails;
      wasRevealRestarted: boolean;
      /** Whether a notice of the contact change was queued to the previous email address. */
      isPreviousAddressNotified: boolean;
    }
  | {
      ok: false;
      reason: 'invalid';
      fieldErrors: FieldErrors<'email' | 'phone' | 'expiresAt' | 'scopes' | 'allowedNetworks'>;
    }
  /** Another actor has saved the account. `changedBy`: its name; null if it no longer exists. */
  | { ok: false; reason: 'changed'; current: AccountDetails; changedBy: string | null }
  | { ok: false; reason: 'not_found' }
  /** Reactivating, a contact change and a higher limit require it: see `givesAccess`. */
  | ReauthenticationRequired;

type Fields = {
  email: string;
  phone: string;
  active: boolean;
  requestsPerMinute: number | null;
  displayName: string;
  notes: string;
  expiresAt: Date | null;
  scopes: string[] | null;
  allowedNetworks: string[] | null;
};
type LockedAccount = Fields & { version: number; revealId: string | null };

/** Locks the account's row for the rest of the transaction. */
async function lockAccount(transaction: Transaction, id: string): Promise<LockedAccount | undefined> {
  const [locked] = await transaction
    .select({
      email: apiAccounts.email,
      phone: apiAccounts.phone,
      active: apiAccounts.active,
      requestsPerMinute: apiAccounts.requestsPerMinute,
      displayName: apiAccounts.displayName,
      notes: apiAccounts.notes,
      expiresAt: apiAccounts.expiresAt,
      scopes: apiAccounts.scopes,
      allowedNetworks: apiAccounts.allowedNetworks,
      version: apiAccounts.version,
      revealId: apiAccounts.revealId,
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id))
    .for('update');
  return locked;
}

/** Reads what another actor has saved since the editor was opened, and its name. */
async function describeConflict(transaction: Transaction, id: string): Promise<UpdateResult> {
  const current = await readAccount(transaction, id);
  if (!current) return { ok: false, reason: 'not_found' };
  const [by] = await transaction
    .select({ name: selectActorName(apiAccounts.updatedBy) })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id));
  return { ok: false, reason: 'changed', current, changedBy: by?.name ?? null };
}

const hasContactChanged = (before: Fields, after: Pick<Fields, 'email' | 'phone'>) =>
  before.email !== after.email || before.phone !== after.phone;

/** Returns the limit that applies; infinite if there is none. */
const getEffectiveLimit = ({ requestsPerMinute }: Pick<Fields, 'requestsPerMinute'>) =>
  requestsPerMinute ?? settings().requestsPerMinute ?? Number.POSITIVE_INFINITY;

/** Returns when the account expires, in milliseconds; infinite if it does not. */
const getExpiry = ({ expiresAt }: Pick<Fields, 'expiresAt'>) =>
  expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;

/** Returns whether a list has an entry that another one has not. Null is a list of everything. */
function hasMore(after: string[] | null, before: string[] | null): boolean {
  if (before === null) return false;
  return after === null || after.some((name) => !before.includes(name));
}

/**
 * Returns whether the change gives access: it reactivates the account, redirects the next link and code, allows more
 * requests, allows them for longer or from another network, or gives a scope. The opposite changes do not, and may be
 * urgent.
 */
function givesAccess(before: Fields, after: Fields): boolean {
  return (
    (!before.active && after.active) ||
    hasContactChanged(before, after) ||
    getEffectiveLimit(after) > getEffectiveLimit(before) ||
    getExpiry(after) > getExpiry(before) ||
    hasMore(after.scopes, before.scopes) ||
    hasMore(after.allowedNetworks, before.allowedNetworks)
  );
}

/** Records audit events for the differences: changed values, and reactivation or deactivation. */
function recordDifferences(
  transaction: Transaction,
  event: AuditActor & { accountId: string },
  before: Fields,
  after: Fields,
  wasPhoneConfirmed: boolean,
) {
  const isContactChanged = hasContactChanged(before, after);
  const isRenamed = before.displayName !== after.displayName;
  const areNotesChanged = before.notes !== after.notes;
  const isExpiryChanged = getExpiry(before) !== getExpiry(after);
  const isListChanged = (one: string[] | null, other: string[] | null) =>
    hasMore(one, other) || hasMore(other, one);
  const areScopesChanged = isListChanged(before.scopes, after.scopes);
  const areNetworksChanged = isListChanged(before.allowedNetworks, after.allowedNetworks);
  // As the management API names the fields.
  const changed = Object.entries({
    email: before.email !== after.email,
    phone: before.phone !== after.phone,
    requestsPerMinute: before.requestsPerMinute !== after.requestsPerMinute,
    displayName: isRenamed,
    notes: areNotesChanged,
    expiresAt: isExpiryChanged,
    scopes: areScopesChanged,
    allowedNetworks: areNetworksChanged,
  }).flatMap(([field, isChanged]) => (isChanged ? [field] : []));
  const isEdited = changed.length > 0;
  const account = event.accountId;
  if (isEdited) {
    const pickErasable = ({ email, phone, displayName, allowedNetworks }: Fields) => ({
      email,
      phone,
      ...(isRenamed && { displayName }),
      ...(areNetworksChanged && { allowedNetworks: allowedNetworks?.join(', ') ?? 'anywhere' }),
    });
    const pickOthers = ({ requestsPerMinute, expiresAt, scopes }: Fields) => ({
      requestsPerMinute,
      ...(isExpiryChanged && { expiresAt }),
      ...(areScopesChanged && { scopes: scopes?.join(' ') ?? 'full_access' }),
    });
    // Not the text of the notes, which may be long.
    const details = {
      before: pickOthers(before),
      after: pickOthers(after),
      ...(areNotesChanged && { notesChanged: true }),
      ...(wasPhoneConfirmed && { phoneConfirmed: true }),
    };
    const erasableDetails = { before: pickErasable(before), after: pickErasable(after) };
    recordAuditEvent(transaction, 'api_account.edited', { ...event, details, erasableDetails });
    recordWebhookEvent(transaction, { type: 'api_account.updated', account, data: { changed } });
  }
  if (before.active !== after.active) {
    const action = after.active ? 'api_account.reactivated' : 'api_account.deactivated';
    recordAuditEvent(transaction, action, event);
    recordWebhookEvent(transaction, { type: action, account });
  }
  return { isContactChanged, isChanged: isEdited || before.active !== after.active };
}

/**
 * The end of the previous key after a change of the expiry. The previous key stops when the account expires, and must not
 * work again when the account is extended. In an UPDATE, `expires_at` is the former expiry. Null if there is no such key.
 */
const previousKeyExpiresAt = sql`case when ${apiAccounts.previousKeyExpiresAt} is not null
  then least(${apiAccounts.previousKeyExpiresAt}, ${apiAccounts.expiresAt}) end`;

/** Replaces the open reveal with one whose messages go to the new email address and phone number. */
async function restartReveal(
  transaction: Transaction,
  queue: PgBoss,
  recipient: { accountId: string; email: string; phone: string },
  reveal: { id: string; startedBy: AuditActor },
): Promise<void> {
  await replaceReveal(transaction, reveal.id);
  const { revealId } = await startReveal(transaction, queue, recipient, reveal.startedBy);
  await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, recipient.accountId));
}

type ValidateResult =
  /** `wasPhoneConfirmed`: whether the phone number was accepted only because it was confirmed. */
  | { ok: true; fields: Fields; wasPhoneConfirmed: boolean }
  | {
      ok: false;
      fieldErrors: FieldErrors<'email' | 'phone' | 'expiresAt' | 'scopes' | 'allowedNetworks'>;
    };

/**
 * Validates what the schema cannot, and returns all fields of the account: a missing one is unchanged.
 * @param unusableScope a submitted scope that the organisation does not have
 */
async function validateFields(
  transaction: Transaction,
  submitted: AccountChanges,
  locked: Fields,
  unusableScope: string | undefined,
): Promise<ValidateResult> {
  const entered = { phone: submitted.phone ?? locked.phone, isConfirmed: submitted.isPhoneConfirmed };
  const validated = await validatePhone(transaction, entered, locked.phone);
  if (!validated.ok) return { ok: false, fieldErrors: { phone: validated.message } };
  if (unusableScope !== undefined)
    return { ok: false, fieldErrors: { scopes: describeUnusableScope(unusableScope) } };
  const networks = parseNetworks(submitted.allowedNetworks);
  if (networks.message) return { ok: false, fieldErrors: { allowedNetworks: networks.message } };
  const {
    requestsPerMinute = locked.requestsPerMinute,
    displayName = locked.displayName,
    notes = locked.notes,
    expiresAt = locked.expiresAt,
    scopes = locked.scopes,
  } = submitted;
  const allowedNetworks = networks.value === undefined ? locked.allowedNetworks : networks.value;
  // An unchanged expiry may be later than a new maximum: otherwise such an account could not be deactivated.
  if (getExpiry({ expiresAt }) !== getExpiry(locked)) {
    const message = findExpiryError(await readExpiryLimits(transaction), expiresAt);
    if (message) return { ok: false, fieldErrors: { expiresAt: message } };
  }
  const { email = locked.email, active = locked.active } = submitted;
  const details = { email, phone: validated.phone, active, requestsPerMinute, displayName, notes };
  const fields = { ...details, expiresAt, scopes, allowedNetworks };
  return { ok: true, fields, wasPhoneConfirmed: validated.wasConfirmed };
}

async function saveAccount(
  transaction: Transaction,
  queue: PgBoss,
  actor: Actor<'accounts:write'>,
  submitted: AccountChanges,
): Promise<UpdateResult> {
  const unusableScope = await lockScopes(transaction, submitted.scopes ?? []);
  const locked = await lockAccount(transaction, submitted.id);
  if (!locked) return { ok: false, reason: 'not_found' };
  if (submitted.version !== undefined && locked.version !== submitted.version)
    return describeConflict(transaction, submitted.id);
  const validated = await validateFields(transaction, submitted, locked, unusableScope);
  if (!validated.ok) return { ok: false, reason: 'invalid', fieldErrors: validated.fieldErrors };
  const { fields } = validated;
  const { email, phone, active } = fields;
  const { id } = submitted;
  if (givesAccess(locked, fields) && !actor.hasRecentAuth)
    return { ok: false, reason: 'reauthentication_required' };
  const before = await readSummary(transaction, id);
  const auditActor = getAuditActor(actor);
  const event = { ...auditActor, accountId: id };
  const { isContactChanged, isChanged } = recordDifferences(
    transaction,
    event,
    locked,
    fields,
    validated.wasPhoneConfirmed,
  );
  if (isChanged) {
    await transaction
      .update(apiAccounts)
      .set({
        ...fields,
        ...(getExpiry(locked) !== getExpiry(fields) && { previousKeyExpiresAt }),
        version: locked.version + 1,
        updatedAt: sql`now()`,
        updatedBy: getActorId(actor),
      })
      .where(eq(apiAccounts.id, id));
  }
  if (!active && locked.revealId) await deleteSealedKey(transaction, locked.revealId);
  // It must not work again after a reactivation.
  if (locked.active && !active) await endPreviousKey(transaction, id, 'deactivated', auditActor);
  const change = {
    accountId: id,
    actor,
    before: locked,
    after: fields,
  };
  const { isNoticeQueued } = isContactChanged
    ? await recordContactChange(transaction, queue, change)
    : { isNoticeQueued: false };
  const wasRevealRestarted = isContactChanged && before?.isRevealOpen === true && locked.revealId !== null;
  if (wasRevealRestarted && locked.revealId) {
    const recipient = { accountId: id, email, phone };
    await restartReveal(transaction, queue, recipient, { id: locked.revealId, startedBy: auditActor });
  }
  const account = await readAccount(transaction, id);
  return account
    ? { ok: true, account, wasRevealRestarted, isPreviousAddressNotified: isNoticeQueued }
    : { ok: false, reason: 'not_found' };
}

/**
 * Updates an account's contact details, access, display name and notes. Missing fields are unchanged. Fails if the account
 * was saved after the editor read `version`; without one, changes any version. Queues a notice of a contact change to the
 * previous email address, unless there were too many in the last hour. Changes of the access take effect on commit.
 */
export async function updateApiAccount(
  database: Database,
  actor: Actor<'accounts:write'>,
  input: AccountChanges,
): Promise<UpdateResult> {
  const queue = await getQueue(database.$client);
  return withActorTransaction(database, actor, (transaction) =>
    saveAccount(transaction, queue, actor, input),
  );
}
