import { type EmailContent, formatAtOrganisation, formatDateTime, toOneLine } from './format.ts';
import type { SecurityNotice } from './security-notices.ts';

export type SecurityNoticeEmailInput = {
  organisation: string;
  notice: SecurityNotice;
  /** When the event happened. */
  at: Date;
  /** The page on which the user can review and undo the change. */
  link: string;
};

/** The subject of each notice, and the sentence that the time is appended to. */
const EVENTS: Record<SecurityNotice, { subject: string; sentence: string }> = {
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
  single_sign_on_unlinked: {
    subject: 'Your single sign-on was unlinked',
    sentence: 'Your account was unlinked from the one that you sign in with by single sign-on',
  },
};

const UNEXPECTED_LINK =
  'If it was not, somebody else can sign in as you. Ask a Settings Administrator of your organisation at once to end that (“Forget single sign-on”, under Users), and change your password where you sign in for work.';

function buildWarnings(organisation: string): EmailContent['warnings'] {
  return [
    {
      title: 'Nobody will ask you for a code.',
      text: `Keep passwords, recovery codes and the codes of an app to yourself: not even ${organisation} will ever ask for them.`,
    },
  ];
}

/** For the previous address. Its reader cannot open the account and may not be the user. */
function buildEmailChanged(input: SecurityNoticeEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const { subject, sentence } = EVENTS.email_changed;
  const at = formatAtOrganisation(organisation);
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${at}`,
    preview: 'If you did not expect this, ask a Settings Administrator at once.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatDateTime(input.at) },
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
      ...buildWarnings(organisation),
    ],
  };
}

/** Usually an administrator unlinked the account, so the user has nothing to undo. */
function buildSsoUnlinked(input: SecurityNoticeEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const { subject, sentence } = EVENTS.single_sign_on_unlinked;
  const at = formatAtOrganisation(organisation);
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${at}`,
    preview: 'Sign in by single sign-on again. If nobody told you of this, ask a Settings Administrator.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatDateTime(input.at) },
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
    warnings: buildWarnings(organisation),
  };
}

function buildContent(input: SecurityNoticeEmailInput): EmailContent {
  if (input.notice === 'email_changed') return buildEmailChanged(input);
  if (input.notice === 'single_sign_on_unlinked') return buildSsoUnlinked(input);
  const isLinked = input.notice === 'single_sign_on_linked';
  const organisation = toOneLine(input.organisation);
  const { subject, sentence } = EVENTS[input.notice];
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${formatAtOrganisation(organisation)}`,
    preview: 'If this was you, there is nothing to do.',
    heading: subject,
    paragraphs: [
      [
        `${sentence} on `,
        { strong: formatDateTime(input.at) },
        '. You sign in with it to Stagedoor, where API keys are handed out.',
      ],
      ['If this was you, there is nothing to do.'],
      [
        isLinked
          ? UNEXPECTED_LINK
          : 'If it was not, somebody else may be able to sign in as you. Open your account, change your password, remove every passkey and app that is not yours, and tell a Settings Administrator of your organisation at once.',
      ],
    ],
    button: 'Open your account',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [],
    warnings: buildWarnings(organisation),
  };
}

/** Renders the email that notifies a user of a change to their sign-in methods. Equal input gives identical bytes. */
export async function securityNoticeEmail(
  input: SecurityNoticeEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
