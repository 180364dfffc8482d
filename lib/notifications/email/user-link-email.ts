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

export type UserLinkEmailInput = {
  organisation: string;
  purpose: 'invitation' | 'password_reset';
  link: string;
  expiresAt: Date;
  /** The OpenID provider if it is the only sign-in method. The link then leads to the sign-in page. */
  ssoOnlyProvider: string | null;
  /** Name or email address of the inviting administrator; null if unknown. */
  invitedBy: string | null;
  role: 'settings_administrator' | 'settings_viewer' | null;
};

const ROLE_DESCRIPTIONS = {
  settings_administrator: 'Your role is Settings Administrator: you can view and change everything.',
  settings_viewer: 'Your role is Settings Viewer: you can view API accounts and users.',
  none: 'You don’t have a role yet, so you can only see your own account. A Settings Administrator can give you one.',
} as const;

const STAGEDOOR_DESCRIPTION = 'where your organisation manages who can use its API';

const formatExpiry = ({ expiresAt }: UserLinkEmailInput): TextPart[] =>
  richText`This link works once and expires on ${strong(formatDateTime(expiresAt))}.`;

/**
 * Builds the warning for a recipient who does not expect the invitation.
 * @param atOrganisation " at" and the organisation's name; empty for the default name
 */
function buildUnexpectedWarning(
  ignoreAdvice: string,
  atOrganisation: string,
): EmailContent['warnings'][number] {
  const checkAdvice = atOrganisation
    ? `If in doubt, check with someone you know${atOrganisation}.`
    : 'If in doubt, ask the person who invited you, but not by replying to this email.';
  return { title: 'Not expecting this?', text: `${ignoreAdvice} ${checkAdvice}` };
}

function buildInvitation(input: UserLinkEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const atOrganisation = formatAtOrganisation(organisation);
  const inviter = input.invitedBy === null ? null : toOneLine(input.invitedBy);
  return {
    organisation,
    subject:
      inviter === null
        ? `You’re invited to Stagedoor${atOrganisation}`
        : `${inviter} has invited you to Stagedoor${atOrganisation}`,
    preview: 'Choose a password, then sign in.',
    heading: 'You’re invited',
    paragraphs: [
      inviter === null
        ? [`You’ve been invited to Stagedoor${atOrganisation}, ${STAGEDOOR_DESCRIPTION}.`]
        : richText`${strong(inviter)} has invited you to Stagedoor${atOrganisation}, ${STAGEDOOR_DESCRIPTION}.`,
      [ROLE_DESCRIPTIONS[input.role ?? 'none']],
      ['Open the page below, enter your name and choose a password. Then you can sign in.'],
    ],
    button: 'Accept invitation',
    copyHint: COPY_HINT,
    link: input.link,
    afterLink: [
      formatExpiry(input),
      [`If it has expired, ask ${inviter ?? 'the person who invited you'} for a new one.`],
    ],
    warnings: [
      buildUnexpectedWarning('You can ignore it: no one can get in without this link.', atOrganisation),
    ],
  };
}

/** Builds an invitation without a password and without an expiry date, because the provider authenticates the user. */
function buildSsoInvitation(input: UserLinkEmailInput, provider: string): EmailContent {
  const invitation = buildInvitation(input);
  return {
    ...invitation,
    preview: `Sign in with ${provider}.`,
    paragraphs: [
      ...invitation.paragraphs.slice(0, 2),
      [`Open the page below and sign in with your ${provider} account, the one with this email address.`],
    ],
    button: 'Sign in',
    copyHint: COPY_HINT,
    link: input.link,
    afterLink: [],
    warnings: [buildUnexpectedWarning('You can ignore it.', formatAtOrganisation(invitation.organisation))],
  };
}

function buildPasswordReset(input: UserLinkEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const atOrganisation = formatAtOrganisation(organisation);
  return {
    organisation,
    subject: `Choose a new password for Stagedoor${atOrganisation}`,
    preview: 'If you didn’t ask for this, you can ignore it.',
    heading: 'Choose a new password',
    paragraphs: [
      [
        `Someone, most likely you, asked for a new password for your Stagedoor account${atOrganisation}. Open the page below to choose one.`,
      ],
      ['Your current password still works until then.'],
    ],
    button: 'Choose a new password',
    copyHint: COPY_HINT,
    link: input.link,
    afterLink: [formatExpiry(input)],
    warnings: [
      {
        title: 'Didn’t ask for this?',
        text: 'You can ignore it: no one can get in without this link. Don’t forward this email.',
      },
      {
        title: 'No one will ever ask you for your password.',
        text: `Not even ${organisation}.`,
      },
    ],
  };
}

/**
 * Renders the email with the link of an invitation or a password reset. Equal input gives identical bytes, because
 * Resend compares a retry with the first attempt.
 */
export async function renderUserLinkEmail(
  input: UserLinkEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  if (input.purpose === 'password_reset') return renderEmail(buildPasswordReset(input));
  return renderEmail(
    input.ssoOnlyProvider ? buildSsoInvitation(input, input.ssoOnlyProvider) : buildInvitation(input),
  );
}
