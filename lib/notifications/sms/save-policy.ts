import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { textRules } from '#db/schema/text-rules.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { isCountry } from './countries.ts';
import { holdTextRules, readTextRules } from './read-policy.ts';
import type { NewTextRules, TextRules } from './schema.ts';

export type Saved =
  | { ok: true; rules: TextRules }
  | { ok: false; reason: 'changed'; current: TextRules; changedBy: string | null };

type Values = Pick<TextRules, 'countries' | 'perDay' | 'perAccountPerDay'>;

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
  const current = await readTextRules(transaction);
  const [by] = await transaction
    .select({ name: users.name })
    .from(textRules)
    .innerJoin(users, eq(users.id, textRules.updatedBy));
  return { ok: false, reason: 'changed', current, changedBy: by?.name ?? null };
}

/** Writes the rules over those that are held, or as the first; false where somebody else was first. */
async function write(transaction: Transaction, userId: string, held: TextRules, values: Values) {
  const row = { ...values, version: held.version + 1, updatedBy: userId };
  const written =
    held.version === 0
      ? await transaction
          .insert(textRules)
          .values(row)
          .onConflictDoNothing({ target: textRules.id })
          .returning({ version: textRules.version })
      : await transaction
          .update(textRules)
          .set({ ...row, updatedAt: sql`now()` })
          .where(eq(textRules.version, held.version))
          .returning({ version: textRules.version });
  return written.length > 0;
}

/**
 * Saves where texts may go and how many a day, where nobody has saved since the editor saw `version`. From the
 * commit on, every text that is queued goes by these rules. The organisation's own country is always allowed, and
 * codes of no country are left out.
 */
export async function saveTextRules(
  database: Database,
  { userId, address }: Administrator,
  input: NewTextRules,
): Promise<Saved> {
  const values = valuesOf({ ...input, countries: inOrder(input.countries) });
  return withTransaction(database, async (transaction) => {
    const held = await holdTextRules(transaction, 'update');
    if (held.version !== input.version) return describeConflict(transaction);
    const before = valuesOf(held);
    if (JSON.stringify(before) === JSON.stringify(values)) return { ok: true, rules: held };
    if (!(await write(transaction, userId, held, values))) return describeConflict(transaction);
    const details = { before, after: values };
    recordAct(transaction, 'text_rules.changed', { userId, address, details });
    return { ok: true, rules: { ...values, version: held.version + 1 } };
  });
}
