import { type EmailContent, formatMoment, oneLine } from './format.ts';

/** Which account's contact details were changed and when, and the link for "this was not us", with its end. */
export type ChangeNoticeInput = {
  organisation: string;
  username: string;
  changedEmail: boolean;
  changedPhone: boolean;
  changedAt: Date;
  link: string;
  linkEndsAt: Date;
};

function whatWasChanged({ changedEmail, changedPhone }: ChangeNoticeInput): string {
  if (changedEmail && changedPhone) return 'email address and phone number were';
  return changedEmail ? 'email address was' : 'phone number was';
}

function changeNoticeWords(input: ChangeNoticeInput): EmailContent {
  const organisation = oneLine(input.organisation);
  return {
    organisation,
    subject: `Your API account at ${organisation} was changed`,
    preview: 'If you expected this, there is nothing to do.',
    heading: 'Your contact details were changed',
    paragraphs: [
      [
        `${organisation} keeps an API account with the username `,
        { strong: oneLine(input.username) },
        `. Its ${whatWasChanged(input)} changed on `,
        { strong: formatMoment(input.changedAt) },
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
        { strong: formatMoment(input.linkEndsAt) },
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
 * The email that tells an account's earlier address of a change. It holds no key, no code, no link to a reveal, and
 * neither the new address nor the new number. The same input gives the same bytes.
 */
export async function changeNotice(
  input: ChangeNoticeInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(changeNoticeWords(input));
}
