import type { Queryable, Transaction } from '#db/client.ts';
import { smsPolicy } from '#db/schema/sms-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { countryName } from './countries.ts';
import { DEFAULT_PER_ACCOUNT, DEFAULT_PER_DAY } from './limits.ts';
import { type SmsPolicy, TEXT_MESSAGES_PLACE } from './schema.ts';

const columns = {
  countries: smsPolicy.countries,
  perDay: smsPolicy.perDay,
  perAccountPerDay: smsPolicy.perAccountPerDay,
  version: smsPolicy.version,
};

/** Until an administrator first saves them: texts go to the organisation's own country only. */
const DEFAULTS: SmsPolicy = {
  countries: [],
  perDay: DEFAULT_PER_DAY,
  perAccountPerDay: DEFAULT_PER_ACCOUNT,
  version: 0,
};

/** The rules as they are now. */
export async function readSmsPolicy(database: Queryable): Promise<SmsPolicy> {
  const [saved] = await database.select(columns).from(smsPolicy);
  return saved ?? DEFAULTS;
}

/**
 * The rules, held until the transaction ends: shared by those who send by them, alone by who changes them. So once
 * a change has been answered, nothing is queued by the rules before it. (Until the first change there is no row to
 * hold: a text that is being queued at that very moment may still go by the defaults.)
 */
export async function lockSmsPolicy(transaction: Transaction, by: 'share' | 'update'): Promise<SmsPolicy> {
  const [held] = await transaction.select(columns).from(smsPolicy).for(by);
  return held ?? DEFAULTS;
}

/** Whether texts may go to a country: to the organisation's own always. */
export function allowsCountry({ countries }: SmsPolicy, country: string): boolean {
  return country === settings().organisationCountry || countries.includes(country);
}

/** Why no text goes to a country, for the administrator who typed a number of it. */
export function countryRefusal(country: string): string {
  const name = countryName(country);
  return `Texts to ${name} are not switched on. Choose another number, or tick ${name} under ${TEXT_MESSAGES_PLACE}.`;
}
