import type { Queryable, Transaction } from '#db/client.ts';
import { smsPolicy } from '#db/schema/sms-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { countryName } from './countries.ts';
import { DEFAULT_PER_ACCOUNT, DEFAULT_PER_DAY } from './limits.ts';
import { type SmsPolicy, TEXT_MESSAGES_BREADCRUMB } from './schema.ts';

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

/** Returns the field error for a number in a country that is not allowed. */
export function countryRefusal(country: string): string {
  const name = countryName(country);
  return `Texts to ${name} are not switched on. Choose another number, or tick ${name} under ${TEXT_MESSAGES_BREADCRUMB}.`;
}
