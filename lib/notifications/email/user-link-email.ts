import { atOrganisation, type EmailContent, formatMoment, oneLine } from './format.ts';

/** What the link is for, the link, and when it ends. */
export type UserLinkEmailInput = {
  organisation: string;
  purpose: 'invitation' | 'password_reset';
  link: string;
  expiresAt: Date;
  /** The OpenID provider, where it is the only way in: the link leads to the page to sign in on. */
  onlyAt: string | null;
  /** Who invited them, by name or address; null where nobody is known. */
  invitedBy: string | null;
  role: 'settings_administrator' | 'settings_viewer' | null;
};

/** Whom somebody asks who does not trust an invitation. `at`: the organisation. */
const askElsewhere = (at: string) =>
  `If in doubt, ask ${at ? `somebody you know${at}` : 'whoever invited you, in another way than by answering'}.`;

/** What somebody will be allowed to do, in a sentence; for no role, too. */
const ROLES = {
  settings_administrator:
    'Your role is Settings Administrator: you see and change API accounts, users and the settings.',
  settings_viewer: 'Your role is Settings Viewer: you see API accounts and users, and change nothing.',
  none: 'You have no role yet, so you see nothing but your own account. A Settings Administrator can give you one.',
} as const;

function endOf({ expiresAt }: UserLinkEmailInput, hours: string): EmailContent['afterLink'][number] {
  return [
    `This link is good for ${hours}, until `,
    { strong: formatMoment(expiresAt) },
    ', and once. Opening it does nothing by itself.',
  ];
}

function invitationWords(input: UserLinkEmailInput): EmailContent {
  const organisation = oneLine(input.organisation);
  const at = atOrganisation(organisation);
  const by = input.invitedBy === null ? null : oneLine(input.invitedBy);
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
      [ROLES[input.role ?? 'none']],
      ['Open the page below, enter your name and choose a password. After that you can sign in.'],
    ],
    button: 'Accept the invitation',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [
      endOf(input, '24 hours'),
      [`If it has ended, ask ${by ?? 'whoever invited you'} for a new one.`],
    ],
    warnings: [
      {
        title: 'You did not expect this?',
        text: `Do nothing: without this link nobody gets in. ${askElsewhere(at)}`,
      },
    ],
  };
}

/** Nothing to set, nothing that ends: who they are is known at the provider. */
function signOnInvitationWords(input: UserLinkEmailInput, provider: string): EmailContent {
  return {
    ...invitationWords(input),
    preview: `Sign in with ${provider}.`,
    paragraphs: [
      ...invitationWords(input).paragraphs.slice(0, 2),
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
        text: `Do nothing. ${askElsewhere(atOrganisation(oneLine(input.organisation)))}`,
      },
    ],
  };
}

function resetWords(input: UserLinkEmailInput): EmailContent {
  const organisation = oneLine(input.organisation);
  const at = atOrganisation(organisation);
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
    afterLink: [endOf(input, 'an hour')],
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

/** The email with the link of an invitation or a password reset. The same input gives the same bytes. */
export async function userLinkEmail(
  input: UserLinkEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  if (input.purpose === 'password_reset') return renderEmail(resetWords(input));
  return renderEmail(input.onlyAt ? signOnInvitationWords(input, input.onlyAt) : invitationWords(input));
}
