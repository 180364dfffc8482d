import type { Database } from '#db/client.ts';
import type { BulkJobError } from '#db/schema/bulk-jobs.ts';
import { createApiAccount, startDelivery } from '#lib/api-accounts/create.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { AccountChanges } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { formatBlockedSms } from '#lib/key-delivery/format-blocked-sms.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import type { ResendPartResult } from '#lib/key-delivery/reveal/schema.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';
import { parseImportRow } from './import-row.ts';
import type { BulkChange } from './schema.ts';

/** The result of one item. `isSmsBlocked`: whether the SMS policy blocked a text message of it. */
export type ItemResult =
  | { state: 'done'; note: string | null; isSmsBlocked?: boolean; accountId?: string }
  | { state: 'failed'; errors: BulkJobError[]; isSmsBlocked?: boolean };

/** An account as it was when the job was started, which `accountId` names. */
export type AccountItem = {
  accountId: string;
  version: number | null;
  revealId: string | null;
  hasKey: boolean | null;
};

type DoneResult = Extract<ItemResult, { state: 'done' }>;
const DONE: DoneResult = { state: 'done', note: null };
const MISSING = 'This account no longer exists.';
const NOT_CONFIRMED = 'This needs a recent confirmation that it’s you. Start another job for this account.';

const fail = (detail: string): ItemResult => ({ state: 'failed', errors: [{ column: null, detail }] });

const describeChanged = (name: string | null, verb: string) =>
  `${name ?? 'Another administrator'} ${verb} after you started the job. Check it, and try again.`;

/** Returns the result of an account whose key delivery has started. */
const completeDelivery = (smsBlockedReason: string | null): DoneResult =>
  smsBlockedReason === null
    ? DONE
    : { state: 'done', note: `${formatBlockedSms(smsBlockedReason)}.`, isSmsBlocked: true };

/** Describes why one message was not resent; null if it was. */
function describeUnsent(noun: string, result: ResendPartResult | null): string | null {
  if (!result || result.sent) return null;
  if (result.reason === 'sms_blocked') return `${formatBlockedSms(result.smsBlockedReason)}.`;
  return result.reason === 'too_soon'
    ? `The ${noun} was sent just now. It can be resent in ${formatWait(result.seconds)}.`
    : `The ${noun} was resent as often as possible. Reset the key to start again.`;
}

async function resend(
  database: Database,
  administrator: Administrator,
  { accountId: id, revealId }: AccountItem,
): Promise<ItemResult> {
  if (!revealId) return fail('No key delivery is in progress, so there is nothing to resend.');
  const result = await resendMessages(database, administrator, { id, revealId, what: 'both' });
  if (!result.ok && result.reason === 'reauthentication_required') return fail(NOT_CONFIRMED);
  if (!result.ok && result.reason === 'not_in_progress')
    return fail('The key was collected, or the link no longer works, so there is nothing to resend.');
  if (!result.ok && result.reason === 'replaced')
    return fail('A new link and code were sent after you started the job.');
  const text = [describeUnsent('email', result.email), describeUnsent('text', result.text)]
    .filter((sentence) => sentence !== null)
    .join(' ');
  const isSmsBlocked = result.text?.sent === false && result.text.reason === 'sms_blocked';
  return result.ok ? { state: 'done', note: text || null, isSmsBlocked } : { ...fail(text), isSmsBlocked };
}

async function reset(
  database: Database,
  administrator: Administrator,
  { accountId: id, version, revealId, hasKey }: AccountItem,
  { oldKey }: Extract<BulkChange, { operation: 'reset' }>,
): Promise<ItemResult> {
  const seen = { version: version ?? 0, revealId, hasKey: hasKey === true };
  const result = await resetApiKey(database, administrator, { id, seen, oldKey });
  if (result.ok) return completeDelivery(result.account.smsBlockedReason);
  if (result.reason === 'reauthentication_required') return fail(NOT_CONFIRMED);
  if (result.reason === 'not_found') return fail(MISSING);
  const { kind, by } = result.change;
  if (kind === 'collected') return fail('The key was collected after you started the job.');
  if (kind === 'leaked') return fail('The key was reported as leaked after you started the job.');
  return fail(describeChanged(by, kind === 'reset' ? 'reset this key' : 'changed this account'));
}

async function update(
  database: Database,
  administrator: Administrator,
  changes: AccountChanges,
): Promise<ItemResult> {
  const result = await updateApiAccount(database, administrator, changes);
  if (result.ok) return DONE;
  switch (result.reason) {
    case 'invalid':
      return {
        state: 'failed',
        errors: Object.values(result.fieldErrors).map((detail) => ({ column: null, detail })),
      };
    case 'changed':
      return fail(describeChanged(result.changedBy, 'changed this account'));
    case 'not_found':
      return fail(MISSING);
    case 'reauthentication_required':
      return fail(NOT_CONFIRMED);
  }
}

/**
 * Makes a job's change to one account. Uses the functions of the single actions, which record the audit events and the
 * webhook events, and send the messages. Does not change an account that was changed since the job was started; only a
 * deactivation, which may be urgent, does.
 * @param database of `withSharedTransaction`, so that the result is committed with the change
 */
export function changeAccount(
  database: Database,
  administrator: Administrator,
  item: AccountItem,
  change: BulkChange,
): Promise<ItemResult> {
  const { accountId: id } = item;
  const seen = { id, version: item.version ?? undefined };
  switch (change.operation) {
    case 'resend':
      return resend(database, administrator, item);
    case 'reset':
      return reset(database, administrator, item, change);
    case 'deactivate':
      return update(database, administrator, { id, active: false });
    case 'activate':
      return update(database, administrator, { ...seen, active: true });
    case 'set_expiry':
      return update(database, administrator, { ...seen, expiresAt: change.expiresAt });
    case 'set_scopes':
      return update(database, administrator, { ...seen, scopes: change.scopes });
    case 'set_limit':
      return update(database, administrator, { ...seen, requestsPerMinute: change.requestsPerMinute });
  }
}

/**
 * Creates the account of an imported row. `startsDelivery`: false to only create it, because all accounts are created
 * together.
 */
export async function createImportedAccount(
  database: Database,
  administrator: Administrator,
  { columns, cells }: { columns: string[]; cells: string[] },
  { startsDelivery = true } = {},
): Promise<ItemResult> {
  const { account, errors } = parseImportRow(columns, cells);
  if (!account) return { state: 'failed', errors };
  const result = await createApiAccount(database, administrator, account, { startsDelivery });
  if (result.ok) {
    const { id, smsBlockedReason } = result.account;
    return { ...completeDelivery(smsBlockedReason), accountId: id };
  }
  if (result.reason === 'reauthentication_required') return fail(NOT_CONFIRMED);
  const fieldErrors = Object.entries(result.fieldErrors);
  return { state: 'failed', errors: fieldErrors.map(([column, detail]) => ({ column, detail })) };
}

/** Starts the key delivery of an account that was created together with all others. */
export async function deliverImportedAccount(
  database: Database,
  administrator: Administrator,
  accountId: string,
): Promise<ItemResult> {
  const result = await startDelivery(database, administrator, accountId);
  if (result.ok) return completeDelivery(result.smsBlockedReason);
  if (result.reason === 'not_found') return fail('The account was created, and then deleted.');
  return { state: 'done', note: 'Another administrator has already reset the key.' };
}
