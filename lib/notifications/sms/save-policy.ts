import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { smsPolicy } from '#db/schema/sms-policy.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isCountry } from './countries.ts';
import { lockSmsPolicy, readSmsPolicy } from './read-policy.ts';
import type { NewSmsPolicy, SmsPolicy } from './schema.ts';

export type Saved =
  | { ok: true; rules: SmsPolicy }
  | { ok: false; reason: 'changed'; current: SmsPolicy; changedBy: string | null };

type Values = Pick<SmsPolicy, 'countries' | 'perDay' | 'perAccountPerDay'>;

const valuesOf = ({ countries, perDay, perAccountPerDay }: Values): Values => ({
  countries,
  perDay,
  perAccountPerDay,
});

/** Without the organisation's own country, which is always allowed, and in an order that makes equal lists the same. */
function inOrder(countries: string[]): string[] {
  const own = settings().organisationCountry;
  return [...new Set(countries)].filter((code) => code !== own && isCountry(code)).toSorted();
}

/** What another administrator has saved since the editor was opened, and who. */
async function describeConflict(transaction: Transaction): Promise<Saved> {
  const current = await readSmsPolicy(transaction);
  const [by] = await transaction
    .select({ name: users.name })
    .from(smsPolicy)
    .innerJoin(users, eq(users.id, smsPolicy.updatedBy));
  return { ok: false, reason: 'changed', current, changedBy: by?.name ?? null };
}

/** Writes the rules over those that are held, or as the first; false where somebody else was first. */
async function write(transaction: Transaction, userId: string, held: SmsPolicy, values: Values) {
  const row = { ...values, version: held.version + 1, updatedBy: userId };
  const written =
    held.version === 0
      ? await transaction
          .insert(smsPolicy)
          .values(row)
          .onConflictDoNothing({ target: smsPolicy.id })
          .returning({ version: smsPolicy.version })
      : await transaction
          .update(smsPolicy)
          .set({ ...row, updatedAt: sql`now()` })
          .where(eq(smsPolicy.version, held.version))
          .returning({ version: smsPolicy.version });
  return written.length > 0;
}

/**
 * Saves where texts may go and how many a day, where nobody has saved since the editor saw `version`. From the
 * commit on, every text that is queued goes by these rules. The organisation's own country is always allowed, and
 * codes of no country are left out.
 */
export async function saveSmsPolicy(
  database: Database,
  { userId, address }: Administrator,
  input: NewSmsPolicy,
): Promise<Saved> {
  const values = valuesOf({ ...input, countries: inOrder(input.countries) });
  return withTransaction(database, async (transaction) => {
    const held = await lockSmsPolicy(transaction, 'update');
    if (held.version !== input.version) return describeConflict(transaction);
    const before = valuesOf(held);
    if (JSON.stringify(before) === JSON.stringify(values)) return { ok: true, rules: held };
    if (!(await write(transaction, userId, held, values))) return describeConflict(transaction);
    const details = { before, after: values };
    recordAuditEvent(transaction, 'text_rules.changed', { userId, address, details });
    return { ok: true, rules: { ...values, version: held.version + 1 } };
  });
}
