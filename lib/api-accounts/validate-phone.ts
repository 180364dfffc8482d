import type { Queryable } from '#db/client.ts';
import { allowsCountry, countryRefusal, readSmsPolicy } from '#lib/notifications/sms/read-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { parseMobile } from '#lib/platform/phone-numbers/mobile.ts';

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
