/** A part of a paragraph; `strong` is emphasised. */
export type TextPart = string | { strong: string };

/** The link of an email, shown as a button and as a URL to copy. */
export type LinkContent = { button: string; copyHint: string; link: string };

/** The content of an email in reading order. Both HTML and plain text are rendered from it. */
export type EmailContent = {
  organisation: string;
  subject: string;
  /** The preview text in a mail client's inbox. */
  preview: string;
  heading: string;
  paragraphs: TextPart[][];
  /** Paragraphs below the link. */
  afterLink: TextPart[][];
  /** Shown in small print. */
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

/** Formats as `Wednesday 25 November 2026, 14:05 UTC`. `Intl` is not used: its punctuation varies by Node.js version. */
export function formatDateTime(time: Date): string {
  const day = `${WEEKDAYS[time.getUTCDay()]} ${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]}`;
  return `${day} ${time.getUTCFullYear()}, ${time.toISOString().slice(11, 16)} UTC`;
}

/** Removes line breaks, which would end a header, and characters that change the text direction. */
export function toOneLine(text: string): string {
  return text
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** The default of `ORGANISATION_NAME`. */
const DEFAULT_ORGANISATION = 'Stagedoor';

/** Formats as ` at Northgate Gas`. Returns an empty string for the default name, to avoid "Stagedoor at Stagedoor". */
export function formatAtOrganisation(organisation: string): string {
  return organisation === DEFAULT_ORGANISATION ? '' : ` at ${organisation}`;
}
