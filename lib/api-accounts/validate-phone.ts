import type { Queryable } from '#db/client.ts';
import { allowsCountry, countryRefusal, readSmsPolicy } from '#lib/notifications/sms/read-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { parseMobile } from '#lib/platform/phone-numbers/mobile.ts';

/**
 * Whether texts may go to a number that somebody typed for an account.
 *
 * @param present the account's number. Typed again it is never refused, whatever the rules have become: else nobody
 *   could untick an account whose country was switched off
 * @returns the number in E.164, or a sentence for the person who typed it
 */
export async function validatePhone(
  database: Queryable,
  typed: string,
  present?: string,
): Promise<{ ok: true; phone: string } | { ok: false; message: string }> {
  if (typed.replace(/[\s().-]/g, '') === present) return { ok: true, phone: present };
  const number = parseMobile(typed, settings().organisationCountry);
  if (!number.ok) return number;
  const { e164: phone, country } = number;
  if (phone === present || allowsCountry(await readSmsPolicy(database), country)) return { ok: true, phone };
  return { ok: false, message: countryRefusal(country) };
}
