/** A part of a sentence. The text of `strong` is emphasised. */
export type TextPart = string | { strong: string };

/** Creates an emphasised part of a sentence. */
export const strong = (text: string) => ({ strong: text });

/** Splits a sentence into its parts: richText`Your username is ${strong(username)}.` */
export function richText(texts: TemplateStringsArray, ...values: TextPart[]): TextPart[] {
  const parts: TextPart[] = [];
  const append = (text: string) => {
    const last = parts.at(-1);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else if (text !== '') parts.push(text);
  };
  for (const [index, text] of texts.entries()) {
    append(text);
    const value = values[index] ?? '';
    if (typeof value === 'string') append(value);
    else parts.push(value);
  }
  return parts;
}

/** Joins the parts of a sentence without emphasis. */
export const toPlainText = (parts: TextPart[]) =>
  parts.map((part) => (typeof part === 'string' ? part : part.strong)).join('');

/** The text of an email, except the text around its link. Both HTML and plain text are rendered from it. */
export type EmailText = {
  subject: string;
  /** The preview text in a mail client's inbox. */
  preview: string;
  heading: string;
  paragraphs: TextPart[][];
  /** Paragraphs below the link. */
  afterLink: TextPart[][];
  /** Shown in small print at the end. */
  warnings: { title: string; text: string }[];
};

/** The text around an email's link, which is shown as a button and as a URL to copy. */
export type LinkText = { button: string; copyHint: string };

export type EmailContent = EmailText & { organisation: string } & (
    | (LinkText & { link: string })
    | { link: null }
  );

export const COPY_HINT = 'Or copy this address into your browser:';

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

/**
 * Formats as `Wednesday 25 November 2026, 14:05 UTC`. Does not use `Intl`, whose punctuation varies by Node.js version.
 */
export function formatDateTime(time: Date): string {
  const day = `${WEEKDAYS[time.getUTCDay()]} ${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]}`;
  return `${day} ${time.getUTCFullYear()}, ${time.toISOString().slice(11, 16)} UTC`;
}

/**
 * Formats a time in a time zone as `25 November 2026`, and as `Wednesday 25 November 2026, 14:05 GMT`. Takes only numbers
 * and the zone's name from `Intl`.
 * @param timeZone IANA name
 */
export function formatInTimeZone(time: Date, timeZone: string): { date: string; dateTime: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const date = `${day} ${MONTHS[month - 1]} ${year}`;
  return { date, dateTime: `${weekday} ${date}, ${parts.hour}:${parts.minute} ${parts.timeZoneName}` };
}

/** Replaces line breaks, which would end a header, by spaces. Removes characters that change the text direction. */
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
