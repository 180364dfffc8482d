import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { smsPolicy } from '#db/schema/sms-policy.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator, ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isCountry } from './countries.ts';
import { lockSmsPolicy, readSmsPolicy } from './policy.ts';
import type { NewSmsPolicy, SmsPolicy } from './schema.ts';

export type SaveSmsPolicyResult =
  | { ok: true; policy: SmsPolicy }
  | { ok: false; reason: 'changed'; current: SmsPolicy; changedBy: string | null }
  /** The policy bounds what SMS can cost. */
  | ReauthenticationRequired;

type PolicyValues = Pick<SmsPolicy, 'countries' | 'perDay' | 'perAccountPerDay'>;

const pickPolicyValues = ({ countries, perDay, perAccountPerDay }: PolicyValues): PolicyValues => ({
  countries,
  perDay,
  perAccountPerDay,
});

/** Sorts country codes and removes duplicates, unknown codes and the organisation's own country. */
function normalizeCountries(countries: string[]): string[] {
  const ownCountry = settings().organisationCountry;
  return [...new Set(countries)].filter((code) => code !== ownCountry && isCountry(code)).toSorted();
}

/** Reads the policy that another administrator has saved since the editor was opened, and that administrator's name. */
async function readEditConflict(transaction: Transaction): Promise<SaveSmsPolicyResult> {
  const current = await readSmsPolicy(transaction);
  const [updater] = await transaction
    .select({ name: users.name, email: users.email })
    .from(smsPolicy)
    .innerJoin(users, eq(users.id, smsPolicy.updatedBy));
  const changedBy = updater ? updater.name || updater.email : null;
  return { ok: false, reason: 'changed', current, changedBy };
}

/** Inserts or updates the policy. Returns false if another administrator has saved it first. */
async function writePolicy(
  transaction: Transaction,
  userId: string,
  current: SmsPolicy,
  values: PolicyValues,
) {
  const row = { ...values, version: current.version + 1, updatedBy: userId };
  const writtenRows =
    current.version === 0
      ? await transaction
          .insert(smsPolicy)
          .values(row)
          .onConflictDoNothing({ target: smsPolicy.id })
          .returning({ version: smsPolicy.version })
      : await transaction
          .update(smsPolicy)
          .set({ ...row, updatedAt: sql`now()` })
          .where(eq(smsPolicy.version, current.version))
          .returning({ version: smsPolicy.version });
  return writtenRows.length > 0;
}

/**
 * Saves the SMS policy, unless it was changed after the editor read `version`. After the commit, no SMS is queued under
 * the previous policy (for the first change, see `lockSmsPolicy`). Ignores unknown country codes, and the
 * organisation's own country, which is always allowed.
 */
export async function saveSmsPolicy(
  database: Database,
  { userId, ipAddress, hasRecentAuth }: Administrator,
  input: NewSmsPolicy,
): Promise<SaveSmsPolicyResult> {
  if (!hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const values = pickPolicyValues({ ...input, countries: normalizeCountries(input.countries) });
  return withTransaction(database, async (transaction) => {
    const current = await lockSmsPolicy(transaction, 'update');
    if (current.version !== input.version) return readEditConflict(transaction);
    const before = pickPolicyValues(current);
    if (JSON.stringify(before) === JSON.stringify(values)) return { ok: true, policy: current };
    if (!(await writePolicy(transaction, userId, current, values))) return readEditConflict(transaction);
    const details = { before, after: values };
    recordAuditEvent(transaction, 'text_rules.changed', { userId, ipAddress, details });
    return { ok: true, policy: { ...values, version: current.version + 1 } };
  });
}
