import { type EmailContent, formatMoment, oneLine, type Piece } from './format.ts';

type Change = { before: string; after: string } | null;

/** Which change of which account is disputed, and where the account is. `changedBy`: a name; null where unknown. */
export type ChangeReportEmailInput = {
  organisation: string;
  username: string;
  changedBy: string | null;
  changedAt: Date;
  email: Change;
  phone: Change;
  link: string;
};

const fromTo = (what: string, change: Change): Piece[][] =>
  change ? [[`${what}: from `, { strong: change.before }, ' to ', { strong: change.after }, '.']] : [];

function objectionWords(input: ChangeReportEmailInput): EmailContent {
  const username = oneLine(input.username);
  const changedBy = input.changedBy === null ? null : oneLine(input.changedBy);
  return {
    organisation: oneLine(input.organisation),
    subject: `Please check a change of the API account ${username}`,
    preview: 'Somebody who was told of it says: this was not us.',
    heading: 'Somebody says: this was not us',
    paragraphs: [
      [
        'The contact details of the API account ',
        { strong: username },
        ' were changed on ',
        { strong: formatMoment(input.changedAt) },
        ' by ',
        { strong: changedBy ?? 'somebody who is no longer here' },
        '. The email address that it had before was told, and somebody there has answered that this was not them.',
      ],
      ...fromTo('Email address', input.email),
      ...fromTo('Phone number', input.phone),
      [
        `Please ask ${changedBy ?? 'your colleagues'} whether this change was right, and who asked for it; and call the company, by a number that you have from elsewhere. As long as you are not sure, you can make the account inactive: its API key is then refused.`,
      ],
      [
        'If the change was wrong, put the address or the number back, and reset the API key. In the end, press “I have looked into it” on the account.',
      ],
    ],
    button: 'Open the API account',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [],
    warnings: [
      {
        title: 'Nothing has happened by itself.',
        text: 'The account and its API key are as they were: whoever was told may be a stranger by now, and must not be able to shut an account down.',
      },
      { title: 'Who gets this.', text: 'Every Settings Administrator.' },
    ],
  };
}

/** The email that tells an administrator that a change is disputed. The same input gives the same bytes. */
export async function changeReportEmail(
  input: ChangeReportEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(objectionWords(input));
}
