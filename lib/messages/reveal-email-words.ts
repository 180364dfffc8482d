/** Who gives whom access, the link with its token in the fragment, and when it ends. */
export type RevealEmailInput = { organisation: string; username: string; link: string; expiresAt: Date };

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
export function momentInWords(moment: Date): string {
  const day = `${WEEKDAYS[moment.getUTCDay()]} ${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`;
  return `${day} ${moment.getUTCFullYear()}, ${moment.toISOString().slice(11, 16)} UTC`;
}

/** One line: no breaks (they would end a header), and no marks that make text run the other way. */
function oneLine(text: string): string {
  return text
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** What the reveal email says, in the order in which it says it; its HTML and its plain text both come from here. */
export function revealEmailWords(input: RevealEmailInput) {
  const organisation = oneLine(input.organisation);
  const username = oneLine(input.username);
  return {
    organisation,
    subject: `Your API key from ${organisation}`,
    preview: 'Open the link, then enter the code that we have sent to your phone.',
    heading: 'See your API key',
    access: { before: `${organisation} gives you access to its API, as `, username, after: '.' },
    how: 'We have sent a code of 6 digits to your phone by text message. Open the link and enter the code: the page then shows your API key. It shows it only once, so have a safe place for it ready, such as a password manager.',
    button: 'See your API key',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    ends: {
      before: 'This link is good for 24 hours, until ',
      moment: momentInWords(input.expiresAt),
      after: '.',
    },
    afterwards: `The code lasts for 10 minutes; the page can send you another. If the link has ended, ask ${organisation} to reset your API key.`,
    warnings: [
      {
        title: 'Keep it to yourself.',
        text: `Nobody will ever ask you for the key or for the code, not even ${organisation}. Do not forward this email.`,
      },
      {
        title: 'Not expecting this?',
        text: `Then do nothing: without the code, the link shows no key. Please let ${organisation} know.`,
      },
    ],
  };
}

export type RevealEmailWords = ReturnType<typeof revealEmailWords>;
