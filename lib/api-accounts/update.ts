import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordContactChange } from '#lib/api-accounts/contact-changes/record.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { replaceReveal, startReveal } from '#lib/key-delivery/reveal/start.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import type { AccountSummary, EditApiAccount, FieldErrors } from './schema.ts';
import { readSummary } from './summary.ts';
import { validatePhone } from './validate-phone.ts';

export type Updated =
  | {
      ok: true;
      account: AccountSummary;
      revealRestarted: boolean;
      /** The email address before is told of the change of address or number. */
      addressBeforeTold: boolean;
    }
  | { ok: false; reason: 'invalid'; fieldErrors: FieldErrors<'email' | 'phone'> }
  | { ok: false; reason: 'changed'; current: AccountSummary; changedBy: string | null }
  | { ok: false; reason: 'missing' }
  /**
   * A box that is ticked again gives access, and a changed address or number says who gets the next link and code: both
   * take a fresh proof of who does it.
   */
  | ReauthenticationRequired;

type Fields = { email: string; phone: string; active: boolean; requestsPerMinute: number | null };
type Held = Fields & { version: number; revealId: string | null };

/** The account's row, held until the transaction ends, with what an editor may have seen of it. */
async function holdAccount(transaction: Transaction, id: string): Promise<Held | undefined> {
  const [held] = await transaction
    .select({
      email: apiAccounts.email,
      phone: apiAccounts.phone,
      active: apiAccounts.active,
      requestsPerMinute: apiAccounts.requestsPerMinute,
      version: apiAccounts.version,
      revealId: apiAccounts.revealId,
    })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, id))
    .for('update');
  return held;
}

/** What another administrator has saved since the editor was opened, and who. */
async function describeConflict(transaction: Transaction, id: string): Promise<Updated> {
  const current = await readSummary(transaction, id);
  if (!current) return { ok: false, reason: 'missing' };
  const [by] = await transaction
    .select({ name: users.name })
    .from(apiAccounts)
    .innerJoin(users, eq(users.id, apiAccounts.updatedBy))
    .where(eq(apiAccounts.id, id));
  return { ok: false, reason: 'changed', current, changedBy: by?.name ?? null };
}

const isReaddressed = (before: Fields, after: Pick<Fields, 'email' | 'phone'>) =>
  before.email !== after.email || before.phone !== after.phone;

/** Whether somebody could come by a key through this change who could not before. */
function givesAccess(before: Fields, after: Omit<Fields, 'requestsPerMinute'>): boolean {
  return (!before.active && after.active) || isReaddressed(before, after);
}

/** Puts on record what differs: values with before and after, and the box that was ticked or unticked. */
function recordChange(
  transaction: Transaction,
  by: { userId: string; accountId: string; address: string },
  before: Fields,
  after: Fields,
) {
  const readdressed = isReaddressed(before, after);
  const edited = readdressed || before.requestsPerMinute !== after.requestsPerMinute;
  if (edited) {
    const values = ({ email, phone, requestsPerMinute }: Fields) => ({ email, phone, requestsPerMinute });
    const details = { before: values(before), after: values(after) };
    recordAuditEvent(transaction, 'api_account.edited', { ...by, details });
  }
  if (before.active !== after.active) {
    const act = after.active ? 'api_account.reactivated' : 'api_account.deactivated';
    recordAuditEvent(transaction, act, by);
  }
  return { readdressed, changed: edited || before.active !== after.active };
}

/** Ends the reveal that is under way, and starts one to the new address and number. */
async function restartReveal(
  transaction: Transaction,
  sender: PgBoss,
  input: EditApiAccount,
  reveal: { id: string; by: Administrator },
): Promise<void> {
  await replaceReveal(transaction, reveal.id);
  const { id: accountId, email, phone } = input;
  const revealId = await startReveal(transaction, sender, { accountId, email, phone }, reveal.by);
  await transaction.update(apiAccounts).set({ revealId }).where(eq(apiAccounts.id, accountId));
}

async function save(
  transaction: Transaction,
  sender: PgBoss,
  by: Administrator,
  typed: EditApiAccount,
): Promise<Updated> {
  const held = await holdAccount(transaction, typed.id);
  if (!held) return { ok: false, reason: 'missing' };
  if (held.version !== typed.version) return describeConflict(transaction, typed.id);
  const judged = await validatePhone(transaction, typed.phone, held.phone);
  if (!judged.ok) return { ok: false, reason: 'invalid', fieldErrors: { phone: judged.message } };
  const input = { ...typed, phone: judged.phone };
  if (givesAccess(held, input) && !by.hasRecentAuth)
    return { ok: false, reason: 'reauthentication_required' };
  const before = await readSummary(transaction, input.id);
  const { email, phone, active, requestsPerMinute = held.requestsPerMinute } = input;
  const fields = { email, phone, active, requestsPerMinute };
  const { userId, address } = by;
  const act = { userId, accountId: input.id, address };
  const { readdressed, changed } = recordChange(transaction, act, held, fields);
  if (changed) {
    await transaction
      .update(apiAccounts)
      .set({ ...fields, version: held.version + 1, updatedAt: sql`now()`, updatedBy: userId })
      .where(eq(apiAccounts.id, input.id));
  }
  const change = { accountId: input.id, changedBy: userId, address, before: held, after: fields };
  const notice = readdressed ? await recordContactChange(transaction, sender, change) : { told: false };
  const revealRestarted = readdressed && before?.revealUnderWay === true && held.revealId !== null;
  if (revealRestarted && held.revealId) {
    await restartReveal(transaction, sender, input, { id: held.revealId, by });
  }
  const account = await readSummary(transaction, input.id);
  return account
    ? { ok: true, account, revealRestarted, addressBeforeTold: notice.told }
    : { ok: false, reason: 'missing' };
}

/**
 * Saves an account's email address, phone number, limit and whether it is active, where nobody has saved it
 * since the editor saw `version`. The email address before is told of a changed address or number. From the commit on,
 * an unticked account's key is refused, and the limit holds.
 */
export async function updateApiAccount(
  database: Database,
  administrator: Administrator,
  input: EditApiAccount,
): Promise<Updated> {
  const sender = await queueFor(database.$client);
  return withTransaction(database, (transaction) => save(transaction, sender, administrator, input));
}
