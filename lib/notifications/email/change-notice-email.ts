import { type EmailContent, formatDateTime, toOneLine } from './format.ts';

/** A change of an account's contact details, and the link to report it as unauthorised. */
export type ChangeNoticeEmailInput = {
  organisation: string;
  username: string;
  changedEmail: boolean;
  changedPhone: boolean;
  changedAt: Date;
  link: string;
  linkEndsAt: Date;
};

function describeChange({ changedEmail, changedPhone }: ChangeNoticeEmailInput): string {
  if (changedEmail && changedPhone) return 'email address and phone number were';
  return changedEmail ? 'email address was' : 'phone number was';
}

function buildContent(input: ChangeNoticeEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  return {
    organisation,
    subject: `Your API account at ${organisation} was changed`,
    preview: 'If you expected this, there is nothing to do.',
    heading: 'Your contact details were changed',
    paragraphs: [
      [
        `${organisation} keeps an API account with the username `,
        { strong: toOneLine(input.username) },
        `. Its ${describeChange(input)} changed on `,
        { strong: formatDateTime(input.changedAt) },
        '.',
      ],
      ['If you expected this, there is nothing to do.'],
      [
        `If you did not, tell the administrators of ${organisation}: open the page below and press “This was not us”. They then look into it.`,
      ],
    ],
    button: 'This was not us',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [
      [
        'This link is good for 7 days, until ',
        { strong: formatDateTime(input.linkEndsAt) },
        '. Opening it does nothing by itself.',
      ],
    ],
    warnings: [
      {
        title: 'Why you get this.',
        text: 'It goes to the email address that the account had before the change. That address may have passed to somebody else, so this email does not say what the new details are.',
      },
      {
        title: 'Your API key was not changed.',
        text: `Nobody will ever ask you for it, not even ${organisation}.`,
      },
    ],
  };
}

/**
 * Renders the email that notifies an account's previous address of a change. It contains no key, no code, no reveal
 * link, and neither the new address nor the new number. Equal input gives identical bytes.
 */
export async function changeNoticeEmail(
  input: ChangeNoticeEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
