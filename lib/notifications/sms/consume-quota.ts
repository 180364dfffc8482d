import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { parseMobile } from '#lib/platform/phone-numbers/mobile.ts';
import { countryName } from './countries.ts';
import { allowsCountry, lockSmsPolicy } from './read-policy.ts';
import { warningAt } from './status.ts';

/** `failure`: why no text may go out, in words for an administrator. */
export type SmsQuotaResult = { ok: true } | { ok: false; failure: string };

/** The scope of the installation's count; an account's is its id. */
export const ALL = 'all';
/** The day in UTC, by the database's clock. */
export const TODAY: SQL = sql`(now() at time zone 'UTC')::date`;

/**
 * Takes one text from a day's count, where the ceiling leaves one: one guarded statement, no count before.
 * @returns how many are taken now, this one included; null where none is left
 */
async function take(transaction: Transaction, scope: string, ceiling: number): Promise<number | null> {
  const { rows } = await transaction.execute<{ queued: number }>(sql`
    insert into ${smsCounts} as present (scope, day, queued)
      select ${scope}::text, ${TODAY}, 1 where ${ceiling}::int > 0
      on conflict (scope, day) do update set queued = present.queued + 1
        where present.queued < ${ceiling}::int
      returning queued`);
  return rows[0]?.queued ?? null;
}

async function giveBack(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .update(smsCounts)
    .set({ queued: sql`${smsCounts.queued} - 1` })
    .where(and(eq(smsCounts.scope, scope), eq(smsCounts.day, TODAY)));
}

async function countRefused(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .insert(smsCounts)
    .values({ scope, day: TODAY, refused: 1 })
    .onConflictDoUpdate({
      target: [smsCounts.scope, smsCounts.day],
      set: { refused: sql`${smsCounts.refused} + 1` },
    });
}

/**
 * Tells the log when a day's texts come near their ceiling, and when they are used up. Whoever takes the text that
 * crosses the line says so, since nobody else has to look for it; where that act is then rolled back, the next says
 * it again.
 */
function warn(used: number, ceiling: number): void {
  if (used === ceiling) log.warn('texts.ceiling_reached', { used, ceiling });
  else if (used === warningAt(ceiling)) log.warn('texts.ceiling_near', { used, ceiling });
}

/** `whose`: what the ceiling is for. */
function ceilingReached(ceiling: number, whose: string): string {
  const texts = ceiling === 1 ? '1 text' : `${ceiling.toLocaleString('en-GB')} texts`;
  return `The ceiling of ${texts} a day (in UTC) for ${whose} was reached.`;
}

/** Takes from the account's count, then from the installation's: always in this order, so that nothing deadlocks. */
async function takeFromBoth(
  transaction: Transaction,
  accountId: string,
  { perDay, perAccountPerDay }: { perDay: number; perAccountPerDay: number },
): Promise<string | null> {
  if ((await take(transaction, accountId, perAccountPerDay)) === null) {
    return ceilingReached(perAccountPerDay, 'one account');
  }
  const used = await take(transaction, ALL, perDay);
  if (used !== null) {
    warn(used, perDay);
    return null;
  }
  if (perAccountPerDay > 0) await giveBack(transaction, accountId);
  return ceilingReached(perDay, 'all accounts together');
}

function judgeNumber(phone: string, allows: (country: string) => boolean): string | null {
  const number = parseMobile(phone, settings().organisationCountry);
  if (!number.ok) return number.message;
  return allows(number.country) ? null : `Texts to ${countryName(number.country)} are not switched on.`;
}

/**
 * Asks the rules whether a text may go out, and takes it from the day's counts, of the account and of the
 * installation, in the transaction that queues it: a rollback gives it back. However many ask at once, neither
 * ceiling is exceeded. What is refused is counted as well.
 *
 * The caller holds the account, or its reveal; nothing else is to be locked after this.
 * @param phone E.164
 */
export async function consumeSmsQuota(
  transaction: Transaction,
  { accountId, phone }: { accountId: string; phone: string },
): Promise<SmsQuotaResult> {
  const rules = await lockSmsPolicy(transaction, 'share');
  const failure =
    judgeNumber(phone, (country) => allowsCountry(rules, country)) ??
    (await takeFromBoth(transaction, accountId, rules));
  if (failure === null) return { ok: true };
  await countRefused(transaction, accountId);
  await countRefused(transaction, ALL);
  return { ok: false, failure };
}
