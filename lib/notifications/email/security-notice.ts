import { atOrganisation, type EmailContent, formatMoment, oneLine } from './format.ts';
import type { SecurityNotice } from './security-notices.ts';

export type SecurityNoticeInput = {
  organisation: string;
  notice: SecurityNotice;
  /** When it happened. */
  at: Date;
  /** The page on which the person can look, and undo it. */
  link: string;
};

/** What happened, as a subject, and as a sentence that a time ends. Another notice is another line here. */
const HAPPENED: Record<SecurityNotice, { subject: string; sentence: string }> = {
  passkey_added: { subject: 'A passkey was added', sentence: 'A passkey was added to your account' },
  passkey_removed: { subject: 'A passkey was removed', sentence: 'A passkey was removed from your account' },
  totp_added: {
    subject: 'An authenticator app was added',
    sentence: 'An authenticator app was added to your account',
  },
  totp_removed: {
    subject: 'The authenticator app was removed',
    sentence: 'The authenticator app was removed from your account',
  },
  recovery_codes_made: {
    subject: 'New recovery codes were made',
    sentence: 'The recovery codes of your account were made anew, and the earlier ones stopped working,',
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    sentence: 'One of your recovery codes was used to sign in to your account',
  },
  second_factor_removed: {
    subject: 'Your second factor was removed',
    sentence: 'Every passkey, the authenticator app and the recovery codes were removed from your account',
  },
  password_changed: {
    subject: 'Your password was changed',
    sentence: 'The password of your account was changed',
  },
  email_changed: {
    subject: 'Your email address was changed',
    sentence: 'A Settings Administrator gave your account another email address than this one',
  },
  single_sign_on_linked: {
    subject: 'You now sign in by single sign-on',
    sentence: 'Somebody signed in to your account by single sign-on for the first time',
  },
  single_sign_on_forgotten: {
    subject: 'Your single sign-on was unlinked',
    sentence: 'Your account was unlinked from the one that you sign in with by single sign-on',
  },
};

const NOT_YOURS =
  'If it was not, somebody else can sign in as you. Ask a Settings Administrator of your organisation at once to end that (“Forget single sign-on”, under Users), and change your password where you sign in for work.';

function warningsOf(organisation: string): EmailContent['warnings'] {
  return [
    {
      title: 'Nobody will ask you for a code.',
      text: `Keep passwords, recovery codes and the codes of an app to yourself: not even ${organisation} will ever ask for them.`,
    },
  ];
}

/** To the address before: whoever reads it cannot open the account, and may be somebody else by now. */
function addressChangedWords(input: SecurityNoticeInput): EmailContent {
  const organisation = oneLine(input.organisation);
  const { subject, sentence } = HAPPENED.email_changed;
  const at = atOrganisation(organisation);
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${at}`,
    preview: 'If you did not expect this, ask a Settings Administrator at once.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatMoment(input.at) },
        '. No emails of Stagedoor, where API keys are handed out, go to this address any more, and it no longer signs in with a password.',
      ],
      ['If you expected this, there is nothing to do.'],
      [
        `If you did not, ask a Settings Administrator${at} at once, in person or by a number that you have from elsewhere: somebody may be taking over your account.`,
      ],
    ],
    link: null,
    afterLink: [],
    warnings: [
      {
        title: 'Why you get this.',
        text: 'It goes to the email address that the account had before. That address may have passed to somebody else, so this email does not say what the other one is.',
      },
      ...warningsOf(organisation),
    ],
  };
}

/** Mostly somebody else did it: nothing of their account is theirs to mend. */
function unlinkedWords(input: SecurityNoticeInput): EmailContent {
  const organisation = oneLine(input.organisation);
  const { subject, sentence } = HAPPENED.single_sign_on_forgotten;
  const at = atOrganisation(organisation);
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${at}`,
    preview: 'Sign in by single sign-on again. If nobody told you of this, ask a Settings Administrator.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatMoment(input.at) },
        '. A Settings Administrator does that where the account that you sign in with was made anew.',
      ],
      ['It was signed out. When you sign in by single sign-on again, this email address links the two.'],
      [
        `If you did not do it and nobody told you of it, ask a Settings Administrator${at} in person, or by a number that you have from elsewhere.`,
      ],
    ],
    button: 'Sign in',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [],
    warnings: warningsOf(organisation),
  };
}

function securityNoticeWords(input: SecurityNoticeInput): EmailContent {
  if (input.notice === 'email_changed') return addressChangedWords(input);
  if (input.notice === 'single_sign_on_forgotten') return unlinkedWords(input);
  const isLinked = input.notice === 'single_sign_on_linked';
  const organisation = oneLine(input.organisation);
  const { subject, sentence } = HAPPENED[input.notice];
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${atOrganisation(organisation)}`,
    preview: 'If this was you, there is nothing to do.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatMoment(input.at) },
        '. You sign in with it to Stagedoor, where API keys are handed out.',
      ],
      ['If this was you, there is nothing to do.'],
      [
        isLinked
          ? NOT_YOURS
          : 'If it was not, somebody else may be able to sign in as you. Open your account, change your password, remove every passkey and app that is not yours, and tell a Settings Administrator of your organisation at once.',
      ],
    ],
    button: 'Open your account',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [],
    warnings: warningsOf(organisation),
  };
}

/** The email that tells somebody of a change to how they sign in. The same input gives the same bytes. */
export async function securityNoticeEmail(
  input: SecurityNoticeInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(securityNoticeWords(input));
}
