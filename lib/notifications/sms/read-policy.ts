import type { Queryable, Transaction } from '#db/client.ts';
import { textRules } from '#db/schema/text-rules.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { countryName } from './countries.ts';
import { DEFAULT_PER_ACCOUNT, DEFAULT_PER_DAY } from './limits.ts';
import { TEXT_MESSAGES_PLACE, type TextRules } from './schema.ts';

const columns = {
  countries: textRules.countries,
  perDay: textRules.perDay,
  perAccountPerDay: textRules.perAccountPerDay,
  version: textRules.version,
};

/** Until an administrator first saves them: texts go to the organisation's own country only. */
const DEFAULTS: TextRules = {
  countries: [],
  perDay: DEFAULT_PER_DAY,
  perAccountPerDay: DEFAULT_PER_ACCOUNT,
  version: 0,
};

/** The rules as they are now. */
export async function readTextRules(database: Queryable): Promise<TextRules> {
  const [saved] = await database.select(columns).from(textRules);
  return saved ?? DEFAULTS;
}

/**
 * The rules, held until the transaction ends: shared by those who send by them, alone by who changes them. So once
 * a change has been answered, nothing is queued by the rules before it. (Until the first change there is no row to
 * hold: a text that is being queued at that very moment may still go by the defaults.)
 */
export async function holdTextRules(transaction: Transaction, by: 'share' | 'update'): Promise<TextRules> {
  const [held] = await transaction.select(columns).from(textRules).for(by);
  return held ?? DEFAULTS;
}

/** Whether texts may go to a country: to the organisation's own always. */
export function allowsCountry({ countries }: TextRules, country: string): boolean {
  return country === settings().organisationCountry || countries.includes(country);
}

/** Why no text goes to a country, for the administrator who typed a number of it. */
export function countryRefusal(country: string): string {
  const name = countryName(country);
  return `Texts to ${name} are not switched on. Choose another number, or tick ${name} under ${TEXT_MESSAGES_PLACE}.`;
}
