import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { ENTER_MOBILE, formatSuggestion, UNKNOWN_NUMBER } from './messages.ts';

export type ParseMobileResult =
  /** `isUnknown`: libphonenumber's metadata does not contain the number's range. */
  { ok: true; e164: string; country: CountryCode; isUnknown?: true } | { ok: false; message: string };

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

/**
 * Ranges that regulators reserve for fiction: no phone has these numbers. Ofcom's mobile numbers for TV and radio drama,
 * and 555-0100 to 555-0199 of the North American Numbering Plan.
 */
const FICTIONAL_MOBILES = /^\+(?:447700900\d{3}|1[2-9]\d{2}55501\d{2})$/;
/** Ofcom's landline numbers for drama that belong to no place, the only ones that libphonenumber does not know. */
const FICTIONAL_LANDLINES = /^\+441632960\d{3}$/;
const FICTIONAL_NUMBER =
  'No phone has this number: it’s reserved for films and examples. Enter a real mobile number.';

const INVALID = {
  ok: false,
  message: 'That isn’t a valid number. Check for a missing or extra digit.',
} as const;

const describeType = (label: string) => `This is ${label}. Enter a mobile number.`;

/** Checks that a valid number is a mobile number and belongs to a country. */
function checkMobile(number: PhoneNumber): ParseMobileResult {
  const { number: e164, country } = number;
  // Satellite phones and international services (+881, +882, +979) have no country. They are a target of SMS pumping.
  if (!country) return { ok: false, message: 'We can’t text this number. Enter an ordinary mobile number.' };
  const type = number.getType();
  if (type && MOBILE_TYPES.has(type)) return { ok: true, e164, country };
  const label = type && TYPE_LABELS[type];
  return {
    ok: false,
    message: label ? describeType(label) : 'This isn’t a mobile number. Enter a mobile number.',
  };
}

/** Checks a number in `FICTIONAL_MOBILES`. Returns null if its area code belongs to no country. */
function checkFictional(number: PhoneNumber, allowsFictional: boolean): ParseMobileResult | null {
  const type = number.getType();
  // Such as a freephone number. A number that libphonenumber does not know has no type.
  if (type && !MOBILE_TYPES.has(type)) return checkMobile(number);
  if (!allowsFictional) return { ok: false, message: FICTIONAL_NUMBER };
  const country = number.countryCallingCode === '44' ? 'GB' : number.country;
  return country ? { ok: true, e164: number.number, country } : null;
}

/**
 * Accepts a number whose range is not in libphonenumber's metadata, which lags behind the regulators: its country must have
 * numbers of this length. Returns null if it has none. Of the countries that share a calling code, the main one counts.
 */
function acceptUnknown(number: PhoneNumber): ParseMobileResult | null {
  if (FICTIONAL_MOBILES.test(number.number) || number.isValid() || !number.isPossible()) return null;
  const country = number.country ?? number.getPossibleCountries()[0];
  return country ? { ok: true, e164: number.number, country, isUnknown: true } : null;
}

/** Checks a number in E.164. Returns null if it is invalid. */
function checkNumber(number: PhoneNumber, allowsFictional: boolean): ParseMobileResult | null {
  if (FICTIONAL_MOBILES.test(number.number)) return checkFictional(number, allowsFictional);
  if (FICTIONAL_LANDLINES.test(number.number)) return { ok: false, message: describeType('a landline') };
  return number.isValid() ? checkMobile(number) : null;
}

/** Rejects a number in national form, and suggests its international form if that would be accepted. */
function suggestInternational(
  text: string,
  country: CountryCode,
  allowsFictional: boolean,
): ParseMobileResult {
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  const result = number ? checkNumber(number, allowsFictional) : null;
  if (!number || !result?.ok) return result ?? { ok: false, message: ENTER_MOBILE };
  return { ok: false, message: formatSuggestion(number.formatInternational()) };
}

/**
 * Parses a mobile number in international form (ITU-T E.164), with `+` or `00`, as typed or pasted.
 *
 * @param country used only to suggest the international form of a national number. National numbers are never
 *   accepted: in another country, they belong to another person.
 * @param allowsFictional whether numbers that are reserved for fiction are accepted: only if SMS go to the outbox
 * @param allowsUnknown whether numbers are accepted that libphonenumber does not know: only if they were confirmed
 * @returns the number in E.164 and its country, or a message for the user
 */
export function parseMobile(
  text: string,
  country: CountryCode,
  { allowsFictional = false, allowsUnknown = false } = {},
): ParseMobileResult {
  const typed = normalizePhone(text);
  if (!typed.startsWith('+')) return suggestInternational(typed, country, allowsFictional);
  const number = parsePhoneNumberFromString(typed, { extract: false });
  if (!number || number.ext) return INVALID;
  const result = checkNumber(number, allowsFictional) ?? acceptUnknown(number);
  if (result?.ok && result.isUnknown && !allowsUnknown) return { ok: false, message: UNKNOWN_NUMBER };
  return result ?? INVALID;
}
