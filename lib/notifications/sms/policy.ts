import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { smsCounts, smsPolicy } from '#db/schema/sms-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { parseMobile } from '#lib/platform/phone-numbers/mobile.ts';
import { countryName } from './countries.ts';
import { DEFAULT_PER_ACCOUNT, DEFAULT_PER_DAY } from './limits.ts';
import { type SmsPolicy, TEXT_MESSAGES_PAGE, UNSUPPORTED_NUMBER } from './schema.ts';
import { warningThreshold } from './status.ts';

const columns = {
  countries: smsPolicy.countries,
  perDay: smsPolicy.perDay,
  perAccountPerDay: smsPolicy.perAccountPerDay,
  version: smsPolicy.version,
};

/** Applies until an administrator first saves the policy. Only allows the organisation's own country. */
const DEFAULTS: SmsPolicy = {
  countries: [],
  perDay: DEFAULT_PER_DAY,
  perAccountPerDay: DEFAULT_PER_ACCOUNT,
  version: 0,
};

/** Reads the current SMS policy. */
export async function readSmsPolicy(database: Queryable): Promise<SmsPolicy> {
  const [saved] = await database.select(columns).from(smsPolicy);
  return saved ?? DEFAULTS;
}

/**
 * Locks the SMS policy for the rest of the transaction: `share` to queue an SMS, `update` to change the policy. Once a
 * change is committed, no SMS is queued by the previous policy.
 *
 * Before the first change there is no row to lock, so an SMS queued at the same time may still use the defaults.
 */
export async function lockSmsPolicy(
  transaction: Transaction,
  strength: 'share' | 'update',
): Promise<SmsPolicy> {
  const [saved] = await transaction.select(columns).from(smsPolicy).for(strength);
  return saved ?? DEFAULTS;
}

/** Checks whether SMS may be sent to a country. The organisation's own country is always allowed. */
export function allowsCountry({ countries }: SmsPolicy, country: string): boolean {
  return country === settings().organisationCountry || countries.includes(country);
}

/** Describes that SMS to a country are not allowed, for the end of a sentence. */
const describeCountryOff = (country: string) => `texts to ${countryName(country)} are turned off`;

/** Returns the field error for a number in a country that is not allowed. */
function countryRefusal(country: string): string {
  const name = countryName(country);
  return `Texts to ${name} are turned off. Use another number, or turn ${name} on in ${TEXT_MESSAGES_PAGE}.`;
}

/**
 * Validates a phone number typed for an account, and checks that the SMS policy allows its country.
 * @param current the account's current number. It is always accepted: otherwise an account could not be deactivated
 *   once its country is no longer allowed
 * @returns the number in E.164, or a message for the administrator
 */
export async function validatePhone(
  database: Queryable,
  typed: string,
  current?: string,
): Promise<{ ok: true; phone: string } | { ok: false; message: string }> {
  if (typed.replace(/[\s().-]/g, '') === current) return { ok: true, phone: current };
  const number = parseMobile(typed, settings().organisationCountry);
  if (!number.ok) return number;
  const { e164: phone, country } = number;
  if (phone === current || allowsCountry(await readSmsPolicy(database), country)) return { ok: true, phone };
  return { ok: false, message: countryRefusal(country) };
}

/** `failure`: why the SMS is blocked, for the end of a sentence: "the daily limit of 30 was reached". */
export type SmsQuotaResult = { ok: true } | { ok: false; failure: string };

/** Scope of the count for all accounts. An account's scope is its id. */
export const ALL_ACCOUNTS = 'all';
/** The current day in UTC, by the database's clock. */
export const TODAY_UTC: SQL = sql`(now() at time zone 'UTC')::date`;

/**
 * Consumes one SMS of today's limit, in a single guarded statement.
 * @returns the number used, including this one; null if the limit is reached
 */
async function consume(transaction: Transaction, scope: string, limit: number): Promise<number | null> {
  const { rows } = await transaction.execute<{ queued: number }>(sql`
    insert into ${smsCounts} as current (scope, day, queued)
      select ${scope}::text, ${TODAY_UTC}, 1 where ${limit}::int > 0
      on conflict (scope, day) do update set queued = current.queued + 1
        where current.queued < ${limit}::int
      returning queued`);
  return rows[0]?.queued ?? null;
}

async function refund(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .update(smsCounts)
    .set({ queued: sql`${smsCounts.queued} - 1` })
    .where(and(eq(smsCounts.scope, scope), eq(smsCounts.day, TODAY_UTC)));
}

async function countBlocked(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .insert(smsCounts)
    .values({ scope, day: TODAY_UTC, refused: 1 })
    .onConflictDoUpdate({
      target: [smsCounts.scope, smsCounts.day],
      set: { refused: sql`${smsCounts.refused} + 1` },
    });
}

/**
 * Logs a warning for the SMS that comes near the daily limit or reaches it.
 * The warning is repeated if the transaction is rolled back and a later SMS reaches the same count.
 */
function warnNearLimit(used: number, limit: number): void {
  if (used === limit) log.warn('sms.daily_limit_reached', { used, limit });
  else if (used === warningThreshold(limit)) log.warn('sms.daily_limit_near', { used, limit });
}

function describeLimitReached(limit: number, scope = ''): string {
  if (limit === 0) return 'texts are turned off';
  // Not "today's": administrators also read it on the following days.
  return `the daily limit of ${limit.toLocaleString('en-GB')}${scope} was reached`;
}

/** Consumes from the account's limit first, then from the installation's. The fixed order prevents deadlocks. */
async function consumeBoth(
  transaction: Transaction,
  accountId: string,
  { perDay, perAccountPerDay }: { perDay: number; perAccountPerDay: number },
): Promise<string | null> {
  if ((await consume(transaction, accountId, perAccountPerDay)) === null) {
    return describeLimitReached(perAccountPerDay, ' for this account');
  }
  const used = await consume(transaction, ALL_ACCOUNTS, perDay);
  if (used !== null) {
    warnNearLimit(used, perDay);
    return null;
  }
  if (perAccountPerDay > 0) await refund(transaction, accountId);
  return describeLimitReached(perDay);
}

/** Returns why the number may not get an SMS, or null. */
function validateNumber(phone: string, isAllowed: (country: string) => boolean): string | null {
  const number = parseMobile(phone, settings().organisationCountry);
  if (!number.ok) return UNSUPPORTED_NUMBER;
  return isAllowed(number.country) ? null : describeCountryOff(number.country);
}

/**
 * Checks an SMS against the SMS policy and consumes one of the daily limits of the account and the installation.
 * Concurrent calls cannot exceed a limit. A rollback refunds it. Blocked SMS are counted separately.
 *
 * The caller must have locked the account or its reveal, and must not lock anything afterwards.
 * @param phone E.164
 */
export async function consumeSmsQuota(
  transaction: Transaction,
  { accountId, phone }: { accountId: string; phone: string },
): Promise<SmsQuotaResult> {
  const policy = await lockSmsPolicy(transaction, 'share');
  const failure =
    validateNumber(phone, (country) => allowsCountry(policy, country)) ??
    (await consumeBoth(transaction, accountId, policy));
  if (failure === null) return { ok: true };
  await countBlocked(transaction, accountId);
  await countBlocked(transaction, ALL_ACCOUNTS);
  return { ok: false, failure };
}
