import { type EmailContent, formatDateTime, type TextPart, toOneLine } from './format.ts';

type Change = { before: string; after: string } | null;

/** The change that was reported as unauthorised, and a link to the account. `changedBy`: a name; null if unknown. */
export type ChangeReportEmailInput = {
  organisation: string;
  username: string;
  changedBy: string | null;
  changedAt: Date;
  email: Change;
  phone: Change;
  link: string;
};

const formatChange = (label: string, change: Change): TextPart[][] =>
  change ? [[`${label}: from `, { strong: change.before }, ' to ', { strong: change.after }, '.']] : [];

function buildContent(input: ChangeReportEmailInput): EmailContent {
  const username = toOneLine(input.username);
  const changedBy = input.changedBy === null ? null : toOneLine(input.changedBy);
  return {
    organisation: toOneLine(input.organisation),
    subject: `Please check a change of the API account ${username}`,
    preview: 'Somebody who was told of it says: this was not us.',
    heading: 'Somebody says: this was not us',
    paragraphs: [
      [
        'The contact details of the API account ',
        { strong: username },
        ' were changed on ',
        { strong: formatDateTime(input.changedAt) },
        ' by ',
        { strong: changedBy ?? 'somebody who is no longer here' },
        '. The email address that it had before was told, and somebody there has answered that this was not them.',
      ],
      ...formatChange('Email address', input.email),
      ...formatChange('Phone number', input.phone),
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

/** Renders the email that notifies an administrator of an unauthorised change. Equal input gives identical bytes. */
export async function changeReportEmail(
  input: ChangeReportEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
