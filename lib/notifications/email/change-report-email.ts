import {
  COPY_HINT,
  type EmailContent,
  formatDateTime,
  richText,
  strong,
  type TextPart,
  toOneLine,
} from './format.ts';

/** The values of a contact detail; null if it was not changed. */
type ValueChange = { before: string; after: string } | null;

/**
 * The change that was reported as unauthorised, and a link to the account. `changedBy`: name of the administrator; null
 * if the user was deleted.
 */
export type ChangeReportEmailInput = {
  organisation: string;
  username: string;
  changedBy: string | null;
  changedAt: Date;
  email: ValueChange;
  phone: ValueChange;
  link: string;
};

const formatValueChange = (label: string, change: ValueChange): TextPart[][] =>
  change ? [richText`${label}: from ${strong(change.before)} to ${strong(change.after)}.`] : [];

function buildContent(input: ChangeReportEmailInput): EmailContent {
  const username = toOneLine(input.username);
  const changedBy = input.changedBy === null ? null : toOneLine(input.changedBy);
  const heading = 'A company says it didn’t make a change';
  return {
    organisation: toOneLine(input.organisation),
    subject: `Please check a change to the API account ${username}`,
    preview: heading,
    heading,
    paragraphs: [
      richText`The contact details of the API account ${strong(username)} were changed on ${strong(formatDateTime(input.changedAt))} by ${strong(changedBy ?? 'a former user')}. We told the previous email address, and someone there says they didn’t make this change.`,
      ...formatValueChange('Email address', input.email),
      ...formatValueChange('Phone number', input.phone),
      [
        `Ask ${changedBy ?? 'your colleagues'} whether it was right and who asked for it, and phone the company on a number you already had. Until you’re sure, you can make the account inactive: its API key then stops working.`,
      ],
      [
        'If it was wrong, restore the old details and reset the API key. When you’ve finished, mark the report on the account as resolved.',
      ],
    ],
    button: 'Open the API account',
    copyHint: COPY_HINT,
    link: input.link,
    afterLink: [],
    warnings: [
      {
        title: 'Nothing has been changed automatically.',
        text: 'The account and its API key stay as they are until you decide, because the previous email address may now belong to someone else.',
      },
      { title: 'Who gets this email.', text: 'Every Settings Administrator.' },
    ],
  };
}

/**
 * Renders the email that notifies an administrator that a change was reported as unauthorised. Equal input gives
 * identical bytes, because Resend compares a retry with the first attempt.
 */
export async function renderChangeReportEmail(
  input: ChangeReportEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
