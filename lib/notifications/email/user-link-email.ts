import { type EmailContent, formatAtOrganisation, formatDateTime, toOneLine } from './format.ts';

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

/** Formats the advice for a recipient who doubts the invitation. `at`: the organisation, with its preposition. */
const formatAdvice = (at: string) =>
  `If in doubt, ask ${at ? `somebody you know${at}` : 'whoever invited you, in another way than by answering'}.`;

const ROLE_DESCRIPTIONS = {
  settings_administrator:
    'Your role is Settings Administrator: you see and change API accounts, users and the settings.',
  settings_viewer: 'Your role is Settings Viewer: you see API accounts and users, and change nothing.',
  none: 'You have no role yet, so you see nothing but your own account. A Settings Administrator can give you one.',
} as const;

function formatExpiry(
  { expiresAt }: UserLinkEmailInput,
  validity: string,
): EmailContent['afterLink'][number] {
  return [
    `This link is good for ${validity}, until `,
    { strong: formatDateTime(expiresAt) },
    ', and once. Opening it does nothing by itself.',
  ];
}

function buildInvitation(input: UserLinkEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const at = formatAtOrganisation(organisation);
  const by = input.invitedBy === null ? null : toOneLine(input.invitedBy);
  return {
    organisation,
    subject: by === null ? `You are invited to Stagedoor${at}` : `${by} invites you to Stagedoor${at}`,
    preview: 'Choose a password, and you can sign in.',
    heading: 'You are invited',
    paragraphs: [
      [
        ...(by === null ? ['You have been invited'] : [{ strong: by }, ' has invited you']),
        ` to Stagedoor${at}, where access to an API is handed out, reset and taken away.`,
      ],
      [ROLE_DESCRIPTIONS[input.role ?? 'none']],
      ['Open the page below, enter your name and choose a password. After that you can sign in.'],
    ],
    button: 'Accept the invitation',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [
      formatExpiry(input, '24 hours'),
      [`If it has ended, ask ${by ?? 'whoever invited you'} for a new one.`],
    ],
    warnings: [
      {
        title: 'You did not expect this?',
        text: `Do nothing: without this link nobody gets in. ${formatAdvice(at)}`,
      },
    ],
  };
}

/** There is no password to set, and the link does not expire: the provider identifies the user. */
function buildSsoInvitation(input: UserLinkEmailInput, provider: string): EmailContent {
  return {
    ...buildInvitation(input),
    preview: `Sign in with ${provider}.`,
    paragraphs: [
      ...buildInvitation(input).paragraphs.slice(0, 2),
      [
        `Open the page below and sign in with the account that you have at ${provider}, with this email address.`,
      ],
    ],
    button: 'Sign in',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [],
    warnings: [
      {
        title: 'You did not expect this?',
        text: `Do nothing. ${formatAdvice(formatAtOrganisation(toOneLine(input.organisation)))}`,
      },
    ],
  };
}

function buildPasswordReset(input: UserLinkEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const at = formatAtOrganisation(organisation);
  return {
    organisation,
    subject: `Choose a new password for Stagedoor${at}`,
    preview: 'If you did not ask for this, there is nothing to do.',
    heading: 'Choose a new password',
    paragraphs: [
      [
        `Somebody, most likely you, has asked for a new password for your Stagedoor account${at}. Open the page below to choose one.`,
      ],
      ['Until you have, your present password stays as it is.'],
    ],
    button: 'Choose a new password',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [formatExpiry(input, 'an hour')],
    warnings: [
      {
        title: 'You did not ask for this?',
        text: 'Then there is nothing to do: nobody gets in without this link. Do not pass it on.',
      },
      {
        title: 'Nobody will ask you for your password.',
        text: `Not even ${organisation}.`,
      },
    ],
  };
}

/** Renders the email with the link of an invitation or a password reset. Equal input gives identical bytes. */
export async function userLinkEmail(
  input: UserLinkEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  if (input.purpose === 'password_reset') return renderEmail(buildPasswordReset(input));
  return renderEmail(
    input.ssoOnlyProvider ? buildSsoInvitation(input, input.ssoOnlyProvider) : buildInvitation(input),
  );
}
