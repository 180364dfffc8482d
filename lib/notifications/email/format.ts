/** Some words; `strong` where they stand out. */
export type Piece = string | { strong: string };

/** The one link of an email. */
export type LinkContent = { button: string; copyHint: string; link: string };

/** What an email says, in the order in which it says it; its HTML and its plain text both come from here. */
export type EmailContent = {
  organisation: string;
  subject: string;
  /** What a mail program shows of it in its list. */
  preview: string;
  heading: string;
  paragraphs: Piece[][];
  /** What stands below the link, where there is one. */
  afterLink: Piece[][];
  /** In small print. */
  warnings: { title: string; text: string }[];
} & (LinkContent | { link: null });

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `Wednesday 25 November 2026, 14:05 UTC`. By hand: `Intl` may write another comma in another Node. */
export function formatMoment(moment: Date): string {
  const day = `${WEEKDAYS[moment.getUTCDay()]} ${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`;
  return `${day} ${moment.getUTCFullYear()}, ${moment.toISOString().slice(11, 16)} UTC`;
}

/** One line: no breaks (they would end a header), and no marks that make text run the other way. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** What `ORGANISATION_NAME` is where nobody has set it: the product's own name. */
const UNNAMED = 'Stagedoor';

/** ` at Northgate Gas`; nothing where the organisation has no name of its own, so that none is at itself. */
export function atOrganisation(organisation: string): string {
  return organisation === UNNAMED ? '' : ` at ${organisation}`;
}
