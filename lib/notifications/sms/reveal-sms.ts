import { septets, shorten, toGsm7Line } from './gsm-7.ts';

/** One segment of a text: a second one costs as much again, and may arrive first. */
const SEGMENT = 160;

/** Where less of a long name than this would be left, in septets, the text says less instead. */
const LEAST_OF_NAME = 20;

/** Stands in for a name of which GSM-7 can write no letter (東京ガス). */
const NAMELESS = 'API access';

const WORDINGS = [
  (name: string, code: string) =>
    `${name}: ${code} is your code to see your API key. Nobody will ask you for it: do not share it.`,
  (name: string, code: string) => `${name} code: ${code}. Nobody will ask for it.`,
];

/** The organisation's name in GSM-7, with nothing in it that a phone could take for a link's beginning. */
function nameInGsm7(organisation: string): string {
  const name = toGsm7Line(toGsm7Line(organisation).replace(/[a-z][a-z0-9+.-]*:\/+|\/{2,}/gi, ' '));
  return /[\p{L}\p{N}]/u.test(name) ? name : NAMELESS;
}

/**
 * The text with the authentication code: one GSM-7 segment, whatever the organisation's name and the host.
 * Its last line lets phones fill the code in on that host's pages and on no others
 * (https://wicg.github.io/sms-one-time-codes/).
 *
 * @param input.host of the page that takes the code, as URLs write it, at most 100 characters; a port is left out
 */
export function revealSms(input: { organisation: string; code: string; host: string }): string {
  const { organisation, code } = input;
  const lastLine = `\n@${input.host.replace(/:\d+$/, '')} #${code}`;
  const name = nameInGsm7(organisation);
  const nameLength = septets(name) ?? 0;
  for (const [index, wording] of WORDINGS.entries()) {
    const room = SEGMENT - (septets(wording('', code) + lastLine) ?? SEGMENT);
    const enough = index === WORDINGS.length - 1 ? 3 : Math.min(nameLength, LEAST_OF_NAME);
    if (room >= enough) return wording(shorten(name, room), code) + lastLine;
  }
  throw new RangeError('the host is too long for one text, or is not written in ASCII');
}
