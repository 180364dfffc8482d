import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { smsCounts, smsPolicy } from '#db/schema/sms-policy.ts';
import { getOutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { UNKNOWN_NUMBER } from '#lib/platform/phone-numbers/messages.ts';
import { type ParseMobileResult, parseMobile } from '#lib/platform/phone-numbers/mobile.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { getCountryName } from './countries.ts';
import { TEXT_MESSAGES_PAGE, UNSUPPORTED_NUMBER } from './labels.ts';
import { DEFAULT_PER_ACCOUNT_PER_DAY, DEFAULT_PER_DAY } from './limits.ts';
import type { SmsPolicy } from './schema.ts';
import { getWarningThreshold } from './usage-level.ts';

const columns = {
  countries: smsPolicy.countries,
  perDay: smsPolicy.perDay,
  perAccountPerDay: smsPolicy.perAccountPerDay,
  version: smsPolicy.version,
};

/** Applies until an administrator first saves the policy. Allows only the organisation's own country. */
const DEFAULT_POLICY: SmsPolicy = {
  countries: [],
  perDay: DEFAULT_PER_DAY,
  perAccountPerDay: DEFAULT_PER_ACCOUNT_PER_DAY,
  version: 0,
};

/** Reads the current SMS policy. */
export async function readSmsPolicy(database: Queryable): Promise<SmsPolicy> {
  const [savedPolicy] = await database.select(columns).from(smsPolicy);
  return savedPolicy ?? DEFAULT_POLICY;
}

/**
 * Locks the SMS policy for the rest of the transaction: `share` to queue an SMS, `update` to change the policy. After a
 * change is committed, no SMS is queued under the previous policy.
 *
 * Before the first change there is no row to lock. So an SMS that is queued during that change may still use the
 * defaults.
 */
export async function lockSmsPolicy(
  transaction: Transaction,
  strength: 'share' | 'update',
): Promise<SmsPolicy> {
  const [savedPolicy] = await transaction.select(columns).from(smsPolicy).for(strength);
  return savedPolicy ?? DEFAULT_POLICY;
}

/** Checks whether SMS may be sent to a country. The organisation's own country is always allowed. */
export function allowsCountry({ countries }: SmsPolicy, country: string): boolean {
  return country === settings().organisationCountry || countries.includes(country);
}

/** Describes that SMS to a country are not allowed, for the end of a sentence. */
const describeCountryOff = (country: string) => `texts to ${getCountryName(country)} are turned off`;

/** Describes in a field error that SMS to the number's country are not allowed. */
function describeCountryError(country: string): string {
  const name = getCountryName(country);
  return `Texts to ${name} are turned off. Use another number, or turn ${name} on in ${TEXT_MESSAGES_PAGE}.`;
}

/**
 * Parses a phone number. Accepts numbers that are reserved for fiction if SMS go to the outbox, and numbers that the
 * metadata does not know: an administrator has to confirm those (`validatePhone`).
 */
export function parsePhone(phone: string): ParseMobileResult {
  const allowsFictional = getOutboxChannels(settings()).sms;
  return parseMobile(phone, settings().organisationCountry, { allowsFictional, allowsUnknown: true });
}

/**
 * Validates the phone number that an administrator entered for an account, and checks that the SMS policy allows its
 * country.
 * @param entered.isConfirmed whether the administrator has confirmed the number, in case the metadata does not know it
 * @param currentPhone the account's current number. It is always accepted: otherwise an account could not be
 *   deactivated after its country was turned off
 * @returns the number in E.164 and whether it was accepted only because it was confirmed, or a message for the
 *   administrator
 */
export async function validatePhone(
  database: Queryable,
  { phone: enteredPhone, isConfirmed = false }: { phone: string; isConfirmed?: boolean | undefined },
  currentPhone?: string,
): Promise<{ ok: true; phone: string; wasConfirmed: boolean } | { ok: false; message: string }> {
  if (normalizePhone(enteredPhone) === currentPhone)
    return { ok: true, phone: currentPhone, wasConfirmed: false };
  const number = parsePhone(enteredPhone);
  if (!number.ok) return number;
  const { e164: phone, country, isUnknown = false } = number;
  if (phone === currentPhone) return { ok: true, phone, wasConfirmed: false };
  if (!allowsCountry(await readSmsPolicy(database), country))
    return { ok: false, message: describeCountryError(country) };
  if (isUnknown && !isConfirmed) return { ok: false, message: UNKNOWN_NUMBER };
  return { ok: true, phone, wasConfirmed: isUnknown };
}

/** `blockedReason`: for the end of a sentence, such as "the daily limit of 30 was reached". */
export type SmsQuotaResult = { ok: true } | { ok: false; blockedReason: string };

/** Scope of the counts for all accounts together. The scope of one account is its id. */
export const ALL_ACCOUNTS = 'all';
const getTimeZone = (): SQL => sql`${settings().organisationTimeZone}::text`;
/** The current day in the organisation's time zone, by the database's clock. @param now replaced in tests */
export const getToday = (now: SQL = sql`now()`): SQL => sql`(${now} at time zone ${getTimeZone()})::date`;
/**
 * When the daily limits start again, ISO 8601: the next midnight in the organisation's time zone.
 * @param now replaced in tests
 */
export const getStartOfTomorrow = (now?: SQL): SQL<string> => sql`to_char(
  ((${getToday(now)} + 1)::timestamp at time zone ${getTimeZone()}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/**
 * Consumes one SMS from a scope's daily limit, in a single guarded statement.
 * @returns the number used, including this one; null if the limit is reached
 */
async function consumeLimit(transaction: Transaction, scope: string, limit: number): Promise<number | null> {
  const { rows } = await transaction.execute<{ queued: number }>(sql`
    insert into ${smsCounts} as current (scope, day, queued)
      select ${scope}::text, ${getToday()}, 1 where ${limit}::int > 0
      on conflict (scope, day) do update set queued = current.queued + 1
        where current.queued < ${limit}::int
      returning queued`);
  return rows[0]?.queued ?? null;
}

async function refundLimit(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .update(smsCounts)
    .set({ queued: sql`${smsCounts.queued} - 1` })
    .where(and(eq(smsCounts.scope, scope), eq(smsCounts.day, getToday())));
}

async function countBlockedSms(transaction: Transaction, scope: string): Promise<void> {
  await transaction
    .insert(smsCounts)
    .values({ scope, day: getToday(), refused: 1 })
    .onConflictDoUpdate({
      target: [smsCounts.scope, smsCounts.day],
      set: { refused: sql`${smsCounts.refused} + 1` },
    });
}

/**
 * Logs a warning for the SMS that reaches the warning threshold or the daily limit.
 * If the transaction is rolled back, a later SMS reaches the same count and the warning is repeated.
 */
function warnNearLimit(used: number, limit: number): void {
  if (used === limit) log.warn('sms.daily_limit_reached', { used, limit });
  else if (used === getWarningThreshold(limit)) log.warn('sms.daily_limit_near', { used, limit });
}

/** Describes that a daily limit was reached, for the end of a sentence. */
function describeLimitReached(limit: number, scopeSuffix = ''): string {
  if (limit === 0) return 'texts are turned off';
  // The text does not say "today's", because administrators also read it on the following days.
  return `the daily limit of ${limit.toLocaleString('en-GB')}${scopeSuffix} was reached`;
}

/**
 * Consumes one SMS from the account's daily limit, then one from the installation's. The fixed order prevents
 * deadlocks.
 * @returns why the SMS is blocked, or null
 */
async function consumeBothLimits(
  transaction: Transaction,
  accountId: string,
  { perDay, perAccountPerDay }: { perDay: number; perAccountPerDay: number },
): Promise<string | null> {
  if ((await consumeLimit(transaction, accountId, perAccountPerDay)) === null) {
    return describeLimitReached(perAccountPerDay, ' for this account');
  }
  const used = await consumeLimit(transaction, ALL_ACCOUNTS, perDay);
  if (used !== null) {
    warnNearLimit(used, perDay);
    return null;
  }
  await refundLimit(transaction, accountId);
  return describeLimitReached(perDay);
}

/** Returns why no SMS may be sent to the number, or null. */
function checkNumber(phone: string, isAllowed: (country: string) => boolean): string | null {
  const number = parsePhone(phone);
  if (!number.ok) return UNSUPPORTED_NUMBER;
  return isAllowed(number.country) ? null : describeCountryOff(number.country);
}

/**
 * Reads whether the SMS policy blocks an SMS now, without consuming anything.
 * @param phone E.164
 * @returns null if it does not; `until`: when the daily limits start again, ISO 8601, or null if the SMS stays blocked
 */
export async function readSmsBlock(
  database: Queryable,
  { accountId, phone }: { accountId: string; phone: string },
): Promise<{ until: string | null } | null> {
  const policy = await readSmsPolicy(database);
  if (checkNumber(phone, (country) => allowsCountry(policy, country)) !== null) return { until: null };
  const limits: Record<string, number> = {
    [accountId]: policy.perAccountPerDay,
    [ALL_ACCOUNTS]: policy.perDay,
  };
  if (Object.values(limits).includes(0)) return { until: null };
  const counts = await database
    .select({
      scope: smsCounts.scope,
      queued: smsCounts.queued,
      until: getStartOfTomorrow(),
    })
    .from(smsCounts)
    .where(and(inArray(smsCounts.scope, Object.keys(limits)), eq(smsCounts.day, getToday())));
  const reached = counts.find(({ scope, queued }) => queued >= (limits[scope] ?? 0));
  return reached ? { until: reached.until } : null;
}

/**
 * Checks an SMS against the SMS policy, and consumes one SMS from the daily limits of the account and the installation.
 * Concurrent calls cannot exceed a limit. A rollback refunds both limits. Blocked SMS are counted separately.
 *
 * The caller must have locked the account or its reveal, and must not lock any other row afterwards. The end of the
 * audit chain is an exception, because every transaction locks it last.
 * @param phone E.164
 */
export async function consumeSmsQuota(
  transaction: Transaction,
  { accountId, phone }: { accountId: string; phone: string },
): Promise<SmsQuotaResult> {
  const policy = await lockSmsPolicy(transaction, 'share');
  const blockedReason =
    checkNumber(phone, (country) => allowsCountry(policy, country)) ??
    (await consumeBothLimits(transaction, accountId, policy));
  if (blockedReason === null) return { ok: true };
  await countBlockedSms(transaction, accountId);
  await countBlockedSms(transaction, ALL_ACCOUNTS);
  return { ok: false, blockedReason };
}
