import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { ENTER_MOBILE, formatSuggestion } from './messages.ts';

export type ParseMobileResult =
  | { ok: true; e164: string; country: CountryCode }
  | { ok: false; message: string };

/** Types of numbers that we text. Some numbering plans, such as that of the US, do not separate mobiles and landlines. */
const MOBILE_TYPES = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

const TYPE_LABELS: Partial<Record<string, string>> = {
  FIXED_LINE: 'a landline',
  PREMIUM_RATE: 'a premium-rate number',
  TOLL_FREE: 'a freephone number',
  SHARED_COST: 'a shared-cost number',
  VOIP: 'an internet (VoIP) number',
  PERSONAL_NUMBER: 'a call-forwarding number',
  PAGER: 'a pager number',
  UAN: 'a business (universal access) number',
  VOICEMAIL: 'a voicemail number',
};

/** Checks that a valid number is a mobile number and belongs to a country. */
function checkMobile(number: PhoneNumber): ParseMobileResult {
  const { number: e164, country } = number;
  // Satellite phones and international services (+881, +882, +979) have no country. They are a target of SMS pumping.
  if (!country) return { ok: false, message: 'We can’t text this number. Enter an ordinary mobile number.' };
  const type = number.getType();
  if (type && MOBILE_TYPES.has(type)) return { ok: true, e164, country };
  const label = type && TYPE_LABELS[type];
  const problem = label ? `This is ${label}.` : 'This isn’t a mobile number.';
  return { ok: false, message: `${problem} Enter a mobile number.` };
}

/** Rejects a number in national form, and suggests its international form if it is valid in the country. */
function suggestInternational(text: string, country: CountryCode): ParseMobileResult {
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  if (!number?.isValid()) return { ok: false, message: ENTER_MOBILE };
  const result = checkMobile(number);
  if (!result.ok) return result;
  return { ok: false, message: formatSuggestion(number.number) };
}

/**
 * Parses a mobile number in international form (ITU-T E.164), with `+` or `00`, as typed or pasted.
 *
 * @param country used only to suggest the international form of a national number. National numbers are never
 *   accepted: in another country, they belong to another person.
 * @returns the number in E.164 and its country, or a message for the user
 */
export function parseMobile(text: string, country: CountryCode): ParseMobileResult {
  const typed = normalizePhone(text);
  if (!typed.startsWith('+')) return suggestInternational(typed, country);
  const number = parsePhoneNumberFromString(typed, { extract: false });
  if (!number?.isValid() || number.ext) {
    return { ok: false, message: 'That isn’t a valid number. Check for a missing or extra digit.' };
  }
  return checkMobile(number);
}
