import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

export type MobileNumber = { ok: true; e164: string; country: CountryCode } | { ok: false; message: string };

/** What a text can be sent to. In some plans (the United States') a number does not tell which of two it is. */
const MOBILE_TYPES = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

const KINDS: Partial<Record<string, string>> = {
  FIXED_LINE: 'a landline',
  PREMIUM_RATE: 'a premium-rate number',
  TOLL_FREE: 'a freephone number',
  SHARED_COST: 'a shared-cost number',
  VOIP: 'an internet (VoIP) number',
  PERSONAL_NUMBER: 'a personal number that forwards calls',
  PAGER: 'a pager',
  UAN: 'a company number',
  VOICEMAIL: 'a voicemail number',
};

function judgeKind(number: PhoneNumber): MobileNumber {
  const { number: e164, country } = number;
  // Satellite phones and worldwide services (+881, +882, +979): dear, and what a text pumper likes best.
  if (!country)
    return { ok: false, message: 'This number belongs to no country. Enter a mobile number of one.' };
  const type = number.getType();
  if (type && MOBILE_TYPES.has(type)) return { ok: true, e164, country };
  const kind = (type && KINDS[type]) ?? 'not a mobile number';
  const statement = kind.startsWith('not')
    ? `This is ${kind}`
    : `This is ${kind}, which cannot receive the text`;
  return { ok: false, message: `${statement}. Enter a mobile number.` };
}

/** A number typed as at home: what to type instead, where there is just one thing that it can mean. */
function suggestInternational(text: string, country: CountryCode): MobileNumber {
  const number = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  if (!number?.isValid()) {
    return {
      ok: false,
      message:
        'Enter the number in international form, beginning with + and the country code, such as +447400123456.',
    };
  }
  const judged = judgeKind(number);
  if (!judged.ok) return judged;
  return { ok: false, message: `Enter the number in international form: ${number.number}` };
}

/**
 * Reads a mobile number in international form (ITU-T E.164; spaces, dashes, dots and brackets are allowed).
 *
 * @param country whose national numbers are recognised, for the suggestion only: a national number is never
 *   accepted, since it would be another person's elsewhere
 * @returns the number in E.164 and the country that it belongs to, or a sentence for the person who typed it
 */
export function parseMobile(text: string, country: CountryCode): MobileNumber {
  const typed = text.trim().replace(/^00(?=[1-9])/, '+');
  if (!typed.startsWith('+')) return suggestInternational(typed, country);
  const number = parsePhoneNumberFromString(typed, { extract: false });
  if (!number?.isValid() || number.ext) {
    return { ok: false, message: 'This is no phone number of its country. Check the digits.' };
  }
  return judgeKind(number);
}
