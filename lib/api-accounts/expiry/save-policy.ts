import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { expiryPolicy } from '#db/schema/expiry.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { nameOrEmail } from '#lib/identity/users/name-or-email.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { lockExpiryPolicy, readExpiryPolicy } from './policy.ts';
import type { ExpiryPolicy, NewExpiryPolicy } from './schema.ts';

export type SaveExpiryPolicyResult =
  | { ok: true; policy: ExpiryPolicy }
  | { ok: false; reason: 'changed'; current: ExpiryPolicy; changedBy: string | null }
  /** The policy bounds how long access lasts. */
  | ReauthenticationRequired;

/** Reads the policy that another administrator has saved since the editor was opened, and that administrator's name. */
async function readEditConflict(transaction: Transaction): Promise<SaveExpiryPolicyResult> {
  const current = await readExpiryPolicy(transaction);
  const [updater] = await transaction
    .select({ name: nameOrEmail })
    .from(expiryPolicy)
    .innerJoin(users, eq(users.id, expiryPolicy.updatedBy));
  return { ok: false, reason: 'changed', current, changedBy: updater?.name ?? null };
}

/** Inserts or updates the policy. Returns false if another administrator has inserted it first. */
async function writePolicy(
  transaction: Transaction,
  userId: string,
  { defaultDays, maxDays, version }: ExpiryPolicy,
): Promise<boolean> {
  const row = { defaultDays, maxDays, version, updatedBy: userId };
  if (version > 1) {
    await transaction.update(expiryPolicy).set({ ...row, updatedAt: sql`now()` });
    return true;
  }
  const insertedRows = await transaction
    .insert(expiryPolicy)
    .values(row)
    .onConflictDoNothing({ target: expiryPolicy.id })
    .returning({ version: expiryPolicy.version });
  return insertedRows.length > 0;
}

/**
 * Saves the expiry policy, unless it was changed after the editor read `version`. It applies to expiries that are set
 * after the commit: accounts keep theirs, also one that is later than the new maximum, or none.
 */
export async function saveExpiryPolicy(
  database: Database,
  { userId, ipAddress, hasRecentAuth }: Administrator,
  { version, defaultDays, maxDays }: NewExpiryPolicy,
): Promise<SaveExpiryPolicyResult> {
  if (!hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withTransaction(database, async (transaction): Promise<SaveExpiryPolicyResult> => {
    const current = await lockExpiryPolicy(transaction);
    if (current.version !== version) return readEditConflict(transaction);
    if (current.defaultDays === defaultDays && current.maxDays === maxDays)
      return { ok: true, policy: current };
    const policy = { defaultDays, maxDays, version: version + 1 };
    if (!(await writePolicy(transaction, userId, policy))) return readEditConflict(transaction);
    const before = { defaultDays: current.defaultDays, maxDays: current.maxDays };
    const details = { before, after: { defaultDays, maxDays } };
    recordAuditEvent(transaction, 'expiry_policy.changed', { userId, ipAddress, details });
    return { ok: true, policy };
  });
}
