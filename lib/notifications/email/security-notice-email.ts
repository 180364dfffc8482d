import {
  COPY_HINT,
  type EmailContent,
  formatAtOrganisation,
  formatDateTime,
  richText,
  strong,
  type TextPart,
  toOneLine,
} from './format.ts';
import type { SecurityNotice } from './security-notices.ts';

export type SecurityNoticeEmailInput = {
  organisation: string;
  notice: SecurityNotice;
  happenedAt: Date;
  /** The page “Your account”. Not shown in `email_changed`, which goes to the previous email address. */
  link: string;
};

/** The subject of each notice, and the sentence that describes the event. */
const EVENTS: Record<SecurityNotice, { subject: string; describeEvent: (time: TextPart) => TextPart[] }> = {
  passkey_added: {
    subject: 'A passkey was added',
    describeEvent: (time) => richText`A passkey was added to your account on ${time}.`,
  },
  passkey_removed: {
    subject: 'A passkey was removed',
    describeEvent: (time) => richText`A passkey was removed from your account on ${time}.`,
  },
  totp_added: {
    subject: 'An authenticator app was added',
    describeEvent: (time) => richText`An authenticator app was added to your account on ${time}.`,
  },
  totp_removed: {
    subject: 'Your authenticator app was removed',
    describeEvent: (time) => richText`Your authenticator app was removed from your account on ${time}.`,
  },
  recovery_codes_made: {
    subject: 'New recovery codes were created',
    describeEvent: (time) =>
      richText`New recovery codes were created for your account on ${time}. The old ones no longer work.`,
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    describeEvent: (time) =>
      richText`One of your recovery codes was used to sign in to your account on ${time}.`,
  },
  second_factor_removed: {
    subject: 'Two-step sign-in was turned off',
    describeEvent: (time) =>
      richText`All passkeys, the authenticator app and the recovery codes were removed from your account on ${time}.`,
  },
  password_changed: {
    subject: 'Your password was changed',
    describeEvent: (time) => richText`The password of your account was changed on ${time}.`,
  },
  email_changed: {
    subject: 'Your email address was changed',
    describeEvent: (time) =>
      richText`A Settings Administrator changed the email address on your account on ${time}. Stagedoor, which manages API keys, no longer sends emails to this address, and you can’t use it to sign in with a password.`,
  },
  single_sign_on_linked: {
    subject: 'You now sign in with single sign-on',
    describeEvent: (time) =>
      richText`Someone signed in to your account with single sign-on for the first time on ${time}.`,
  },
  single_sign_on_unlinked: {
    subject: 'Your single sign-on was unlinked',
    describeEvent: (time) =>
      richText`Your account was unlinked from single sign-on on ${time}. A Settings Administrator does this when the account you sign in with has been recreated.`,
  },
};

/**
 * The parts of a notice that tell the recipient what to do. `button`: null if the recipient cannot open the account.
 */
type Advice = Pick<EmailContent, 'preview' | 'paragraphs'> & {
  button: string | null;
  warnings?: EmailContent['warnings'];
};

/** Builds the advice for the previous address. Its reader cannot open the account and may not be the user. */
const buildAdviceAfterEmailChange = (atOrganisation: string): Advice => ({
  preview: 'If you didn’t expect this, ask a Settings Administrator immediately.',
  paragraphs: [
    ['If you expected this, you don’t need to do anything.'],
    [
      `If you didn’t, ask a Settings Administrator${atOrganisation} immediately, in person or on a phone number you already have: someone may be taking over your account.`,
    ],
  ],
  button: null,
  warnings: [
    {
      title: 'Why you’re getting this.',
      text: 'We send it to the previous address. As that address may now belong to someone else, we don’t show the new one.',
    },
  ],
});

/**
 * Builds the advice after an unlink. Usually an administrator has unlinked the account, so the user has nothing to
 * undo.
 */
const buildAdviceAfterUnlink = (atOrganisation: string): Advice => ({
  preview: 'Sign in with single sign-on again. If you didn’t expect this, ask a Settings Administrator.',
  paragraphs: [
    ['You’ve been signed out. When you sign in with single sign-on again, this email address links the two.'],
    [
      `If you didn’t do this and no one told you about it, ask a Settings Administrator${atOrganisation}, in person or on a phone number you already have.`,
    ],
  ],
  button: 'Sign in',
});

/** Builds the advice for a user who can open their account. `ifUnexpected`: what to do if it was someone else. */
const buildUserAdvice = (ifUnexpected: string): Advice => ({
  preview: 'If this was you, you don’t need to do anything.',
  paragraphs: [
    ['This is your Stagedoor account, used to manage API keys.'],
    ['If this was you, you don’t need to do anything.'],
    [ifUnexpected],
  ],
  button: 'Open your account',
});

/** Builds the advice of a notice. `atOrganisation`: " at" and the organisation's name; empty for the default name. */
function buildAdvice(notice: SecurityNotice, atOrganisation: string): Advice {
  switch (notice) {
    case 'email_changed':
      return buildAdviceAfterEmailChange(atOrganisation);
    case 'single_sign_on_unlinked':
      return buildAdviceAfterUnlink(atOrganisation);
    case 'single_sign_on_linked':
      return buildUserAdvice(
        `If it wasn’t, someone else can sign in as you. Ask a Settings Administrator${atOrganisation} immediately to unlink your single sign-on, and change the password of your work account.`,
      );
    default:
      return buildUserAdvice(
        `If it wasn’t, someone else may be able to sign in as you. Open your account, change your password, remove any passkey or app that isn’t yours, and tell a Settings Administrator${atOrganisation} immediately.`,
      );
  }
}

function buildContent(input: SecurityNoticeEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const atOrganisation = formatAtOrganisation(organisation);
  const { subject, describeEvent } = EVENTS[input.notice];
  const { preview, paragraphs, button, warnings = [] } = buildAdvice(input.notice, atOrganisation);
  return {
    organisation,
    subject: `${subject}: your Stagedoor account${atOrganisation}`,
    preview,
    heading: subject,
    paragraphs: [describeEvent(strong(formatDateTime(input.happenedAt))), ...paragraphs],
    ...(button === null ? { link: null } : { button, copyHint: COPY_HINT, link: input.link }),
    afterLink: [],
    warnings: [
      ...warnings,
      {
        title: 'No one will ask you for a code.',
        text: `Keep your passwords, recovery codes and app codes to yourself: no one will ever ask for them, not even ${organisation}.`,
      },
    ],
  };
}

/**
 * Renders the email that notifies a user of a security event. Equal input gives identical bytes, because Resend
 * compares a retry with the first attempt.
 */
export async function renderSecurityNoticeEmail(
  input: SecurityNoticeEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
