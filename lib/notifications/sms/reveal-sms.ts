import { en, type IntegratorMessages } from '#lib/notifications/message-catalogue/en.ts';
import { countSeptets, shortenLine, toGsm7Line } from './gsm-7.ts';

/** Septets per SMS segment. A second segment doubles the cost and may arrive first. */
const SEGMENT_SEPTETS = 160;

/**
 * Septets that the full template must leave for the organisation's name, unless the name is shorter. Otherwise the
 * short template is used.
 */
const MIN_NAME_SEPTETS = 20;

/** Converts the organisation's name to GSM-7, and removes what a phone could show as a link. */
function toGsm7Name(organisation: string, fallbackName: string): string {
  const name = toGsm7Line(toGsm7Line(organisation).replace(/[a-z][a-z0-9+.-]*:\/+|\/{2,}/gi, ' '));
  return /[\p{L}\p{N}]/u.test(name) ? name : fallbackName;
}

/**
 * Renders the SMS with the authentication code. It always fits one GSM-7 segment.
 * The last line lets phones fill in the code on pages of this host only (https://wicg.github.io/sms-one-time-codes/).
 *
 * @param input.host host of the page that asks for the code, in ASCII, at most 100 characters; a port is removed
 * @throws RangeError if the host is too long or not ASCII
 */
export function renderRevealSms(
  input: { organisation: string; code: string; host: string },
  { sms }: Pick<IntegratorMessages, 'sms'> = en,
): string {
  const { organisation, code } = input;
  const lastLine = `\n@${input.host.replace(/:\d+$/, '')} #${code}`;
  const name = toGsm7Name(organisation, sms.fallbackName);
  const templates = [
    { template: sms.code, minSeptets: Math.min(countSeptets(name) ?? 0, MIN_NAME_SEPTETS) },
    // At least one character of the name and `..`.
    { template: sms.shortCode, minSeptets: 3 },
  ];
  for (const { template, minSeptets } of templates) {
    const availableSeptets =
      SEGMENT_SEPTETS - (countSeptets(template({ name: '', code }) + lastLine) ?? SEGMENT_SEPTETS);
    if (availableSeptets >= minSeptets)
      return template({ name: shortenLine(name, availableSeptets), code }) + lastLine;
  }
  throw new RangeError('the host is too long for one text, or is not written in ASCII');
}
