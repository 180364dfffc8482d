import { capitalize } from '#components/format.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { EVENT_LABELS, formatMessageKind } from './event-labels.ts';

const LABELS: Record<string, string> = {
  email: 'Email address',
  phone: 'Phone number',
  requestsPerMinute: 'Requests per minute',
  revealId: 'Reveal',
  linkAttempts: 'Tries on this link so far',
  messageId: 'Number of the message',
  changeId: 'Change of address',
  left: 'Recovery codes left',
  kind: 'Message',
  channel: 'Sent by',
  failure: 'Why',
  notice: 'What it tells',
  to: 'Sent to',
  method: 'By means of',
  what: 'What was sent',
  requested: 'What was asked for',
  filter: 'Filters',
  olderThanDays: 'Older than (days)',
  upToPosition: 'Up to place',
  sessions: 'Sessions ended',
  by: 'Added',
  issuer: 'OpenID provider',
  subject: 'Who they are there',
};

/** The labels of the filter fields. */
const FILTER_LABELS: Record<string, string> = {
  search: 'Search',
  action: 'What',
  by: 'By whom',
  account: 'API account',
  user: 'User it was done to',
};

const VALUES: Record<string, Record<string, string>> = {
  role: { settings_administrator: 'Settings Administrator', settings_viewer: 'Settings Viewer' },
  channel: { sms: 'Text message', email: 'Email' },
  provider: { sns: 'Amazon SNS', resend: 'Resend', twilio: 'Twilio', smtp: 'SMTP', outbox: 'Outbox' },
  method: {
    password: 'Password',
    password_totp: 'Password and authenticator app',
    password_passkey: 'Password and passkey',
    password_recovery: 'Password and recovery code',
    passkey: 'Passkey',
    totp: 'Authenticator app',
    recovery: 'Recovery code',
    oidc: 'Single sign-on',
  },
  reason: {
    unknown: 'Nobody here has their email address, and no claim gives them a role',
    no_email: 'The provider does not vouch for their email address',
    other_identity: 'Whoever has their email address here signs in with another account there',
    inactive: 'They may not sign in any more',
    foreign: 'The account is not one of this organisation',
    malformed: 'The provider told something that cannot be read, or not all that is needed',
    other_person: 'The account there is somebody else’s',
    over: 'The session had ended, or they may not sign in any more',
    role_changed: 'Their role at the provider was another one by then',
    not_fresh: 'The provider did not tell that it had just asked who they are',
  },
  notice: {
    passkey_added: 'A passkey was added',
    passkey_removed: 'A passkey was removed',
    totp_added: 'An authenticator app was added',
    totp_removed: 'The authenticator app was removed',
    recovery_codes_made: 'Recovery codes were made',
    recovery_code_used: 'A recovery code was used',
    second_factor_removed: 'The second factor was removed',
    password_changed: 'The password was changed',
    email_changed: 'The email address was changed',
    single_sign_on_linked: 'Single sign-on was begun',
    single_sign_on_unlinked: 'Single sign-on was forgotten',
  } satisfies Record<SecurityNotice, string>,
  what: {
    both: 'Email with the link, and text with the code',
    email: 'Email with the link',
    text: 'Text with the code',
  },
  requested: {
    createAccount: 'Create an API account',
    saveAccount: 'Save an API account',
    resetKey: 'Reset an API key',
    resendDelivery: 'Send messages again',
    loadUsage: 'See the use of an API account',
    resolveChangeReport: 'Settle an objection to a changed address',
    loadAccountHistory: 'See the history of an API account',
    exportAuditLog: 'Export the audit log',
    saveSmsPolicy: 'Save the rules for text messages',
    invite: 'Invite a user',
    saveUser: 'Save a user',
    resendInvitation: 'Send an invitation again',
    signUserOutEverywhere: 'Sign a user out everywhere',
    unlinkProviderAccount: 'Forget the single sign-on of a user',
  },
  format: { csv: 'CSV', jsonl: 'JSON Lines' },
  outcome: { done: 'Done', refused: 'Refused or failed' },
  by: {
    nobody: 'Nobody who is signed in',
    console: 'At the server’s console',
    'single sign-on': 'At the first sign-in by single sign-on',
  },
};

/** Earlier names of actions, which stay in the entries that were written then. */
const FORMER_ACTIONS: Record<string, string> = {
  forgetProviderAccount: 'unlinkProviderAccount',
  saveTextRules: 'saveSmsPolicy',
  sendInvitationAgain: 'resendInvitation',
  sendMessagesAgain: 'resendDelivery',
  settleChange: 'resolveChangeReport',
};

const FORMER_VALUES: Record<string, Record<string, string>> = {
  requested: FORMER_ACTIONS,
  notice: { single_sign_on_forgotten: 'single_sign_on_unlinked' },
};

/** Earlier names of keys, likewise. */
const FORMER_KEYS: Record<string, string> = { act: 'action', linkTries: 'linkAttempts' };

/** Returns the label of a key; one without a label is split into words: `linked_account` as "Linked account". */
export function formatLabel(key: string, parentKey?: string): string {
  const words = key
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
  const current = FORMER_KEYS[key] ?? key;
  return (
    (parentKey === 'filter' ? FILTER_LABELS[current] : undefined) ?? LABELS[current] ?? capitalize(words)
  );
}

/** Returns the label of a stored value, or the value itself if it has none. */
export function formatValue(key: string, value: string): string {
  if ((FORMER_KEYS[key] ?? key) === 'action') return EVENT_LABELS[value]?.label ?? value;
  if (key === 'kind') return capitalize(formatMessageKind(value));
  const current = FORMER_VALUES[key]?.[value] ?? value;
  return VALUES[key]?.[current] ?? value;
}
