import type { AuditAction } from '#lib/audit/actions.ts';
import { USER_EVENT_LABELS } from './user-event-labels.ts';
import { WEBHOOK_EVENT_LABELS } from './webhook-event-labels.ts';

export type EventLabel = {
  /** Label of the action's group in the filter. */
  group: string;
  /** Label of the action in the filter. */
  label: string;
  /** Template with the placeholders of `describe-entry.ts`, such as `{by}` and `{account}`. */
  sentence: string;
  /** Template if the entry has no actor. */
  withoutActor?: string;
  /** Templates if the entry has neither an actor nor an affected user, by `details.method`, or `other`. */
  withoutUsers?: Record<string, string> & { other: string };
  /** Text of the badge if the outcome is `refused`. Default: "Blocked". */
  refusedBadge?: string;
};

const ACCOUNTS = 'API accounts and keys';
const KEY_DELIVERY = 'Key delivery';
const CONTACT_CHANGES = 'Contact changes';
const FACTORS = 'Two-step sign-in';
const SIGN_IN = 'Sign-in';
const ACCESS_TOKENS = 'Access tokens';
const MESSAGES = 'Messages';
const LOG_AND_PERMISSIONS = 'Audit log and permissions';

/**
 * Labels by stored action; the compiler checks that none is missing. Stored actions are never renamed, so some contain
 * former terms.
 */
export const EVENT_LABELS: Record<string, EventLabel> = {
  'api_account.created': {
    group: ACCOUNTS,
    label: 'Account created',
    sentence: '{by} created the API account {account}',
  },
  'api_account.edited': {
    group: ACCOUNTS,
    label: 'Account edited',
    sentence: '{by} edited the API account {account}',
  },
  'api_account.deactivated': {
    group: ACCOUNTS,
    label: 'Account deactivated',
    sentence: '{by} deactivated the API account {account}',
  },
  'api_account.reactivated': {
    group: ACCOUNTS,
    label: 'Account reactivated',
    sentence: '{by} reactivated the API account {account}',
  },
  'api_accounts.exported': {
    group: ACCOUNTS,
    label: 'Accounts exported',
    sentence: '{by} exported the list of API accounts',
  },
  'api_account.deleted': {
    group: ACCOUNTS,
    label: 'Account deleted',
    sentence: '{by} deleted the API account {account}',
  },
  'bulk_job.started': {
    group: ACCOUNTS,
    label: 'Job started',
    sentence: '{by} started a job for many API accounts',
  },
  'bulk_job.cancelled': {
    group: ACCOUNTS,
    label: 'Job cancelled',
    sentence: '{by} cancelled a job for many API accounts',
  },
  'scope.created': { group: ACCOUNTS, label: 'Scope created', sentence: '{by} created the scope {scope}' },
  'scope.edited': {
    group: ACCOUNTS,
    label: 'Scope edited',
    sentence: '{by} changed the description of the scope {scope}',
  },
  'scope.retired': { group: ACCOUNTS, label: 'Scope retired', sentence: '{by} retired the scope {scope}' },
  'expiry_policy.changed': {
    group: ACCOUNTS,
    label: 'Expiry settings changed',
    sentence: '{by} changed the expiry settings',
  },
  'api_key.reset': {
    group: ACCOUNTS,
    label: 'API key reset',
    sentence: '{by} reset the API key of {account}',
  },
  'api_key.previous_ended': {
    group: ACCOUNTS,
    label: 'Old API key ended',
    sentence: '{by} ended the old API key of {account}',
    withoutActor: 'The old API key of {account} stopped working',
  },
  'api_key.leaked': {
    group: ACCOUNTS,
    label: 'API key leaked',
    sentence: 'The API key of {account} was reported as leaked and revoked',
  },
  'api_key.shown': {
    group: KEY_DELIVERY,
    label: 'API key shown',
    sentence: '{account}’s API key was shown',
  },
  'api_key.shown_again': {
    group: KEY_DELIVERY,
    label: 'API key shown again',
    sentence: '{account}’s API key was shown again in the same browser',
  },
  'reveal.started': {
    group: KEY_DELIVERY,
    label: 'Key delivery started',
    sentence: '{by} started a key delivery to {account}',
  },
  'reveal.new_code': {
    group: KEY_DELIVERY,
    label: 'New code requested',
    sentence: '{account} asked for a new code',
  },
  'reveal.sent_again': {
    group: KEY_DELIVERY,
    label: 'Link or code resent',
    sentence: '{by} resent the link, the code or both to {account}',
  },
  'reveal.code_read_out': {
    group: KEY_DELIVERY,
    label: 'Code read out by phone',
    sentence: '{by} was shown a code for {account}, to read it out by phone',
  },
  'reveal.code_read_out_again': {
    group: KEY_DELIVERY,
    label: 'Code to read out shown again',
    sentence: '{by} was shown the code for {account} again in the same browser',
  },
  'reveal.wrong_code': {
    group: KEY_DELIVERY,
    label: 'Wrong code',
    sentence: 'A wrong code was entered for {account}',
    refusedBadge: 'Wrong code',
  },
  'reveal.locked': {
    group: KEY_DELIVERY,
    label: 'Link locked',
    sentence: 'The link for {account} was locked after too many wrong codes',
    refusedBadge: 'Locked',
  },
  'address_change.notice_withheld': {
    group: CONTACT_CHANGES,
    label: 'Previous address not notified',
    sentence:
      '{by} changed {account}’s contact details; the previous address wasn’t notified, because it had received too many notices',
  },
  'address_change.objected': {
    group: CONTACT_CHANGES,
    label: 'Change reported',
    sentence: 'The recipient of a notice reported a change to {account} as unauthorised',
  },
  'address_change.settled': {
    group: CONTACT_CHANGES,
    label: 'Change report resolved',
    sentence: '{by} resolved a report about a change to {account}',
  },
  'sign_in.succeeded': { group: SIGN_IN, label: 'Signed in', sentence: '{by} signed in' },
  'sign_in.failed': {
    group: SIGN_IN,
    label: 'Sign-in failed',
    sentence: 'Failed sign-in as {by}',
    withoutActor: 'Failed sign-in as {user}',
    withoutUsers: {
      passkey: 'Failed sign-in with an unrecognised passkey',
      oidc: 'Failed sign-in with single sign-on',
      other: 'Failed sign-in with an unknown email address',
    },
    refusedBadge: 'Failed',
  },
  sign_out: { group: SIGN_IN, label: 'Signed out', sentence: '{by} signed out' },
  'session.ended': {
    group: SIGN_IN,
    label: 'Signed out other devices',
    sentence: '{by} signed out one or more of their other devices',
  },
  'sign_in.second_factor_asked': {
    group: SIGN_IN,
    label: 'Password accepted',
    sentence: '{by} entered their password (two-step sign-in pending)',
  },
  'proof.given': { group: SIGN_IN, label: 'Identity confirmed', sentence: '{by} confirmed their identity' },
  'proof.failed': {
    group: SIGN_IN,
    label: 'Identity not confirmed',
    sentence: '{by} could not confirm their identity',
    refusedBadge: 'Failed',
  },
  'passkey.added': { group: FACTORS, label: 'Passkey added', sentence: '{by} added a passkey' },
  'passkey.renamed': { group: FACTORS, label: 'Passkey renamed', sentence: '{by} renamed a passkey' },
  'passkey.removed': { group: FACTORS, label: 'Passkey removed', sentence: '{by} removed a passkey' },
  'totp.added': {
    group: FACTORS,
    label: 'Authenticator app added',
    sentence: '{by} added an authenticator app',
  },
  'totp.removed': {
    group: FACTORS,
    label: 'Authenticator app removed',
    sentence: '{by} removed their authenticator app',
  },
  'recovery_codes.made': {
    group: FACTORS,
    label: 'Recovery codes generated',
    sentence: '{by} generated new recovery codes',
  },
  'recovery_code.used': {
    group: FACTORS,
    label: 'Recovery code used',
    sentence: '{by} used a recovery code',
  },
  ...USER_EVENT_LABELS,
  'access_token.created': {
    group: ACCESS_TOKENS,
    label: 'Access token created',
    sentence: '{by} created the access token {accessToken}',
  },
  'access_token.revoked': {
    group: ACCESS_TOKENS,
    label: 'Access token revoked',
    sentence: '{by} revoked the access token {accessToken}',
  },
  'access_token.leaked': {
    group: ACCESS_TOKENS,
    label: 'Access token leaked',
    sentence: 'The access token {accessToken} was reported as leaked and revoked',
  },
  ...WEBHOOK_EVENT_LABELS,
  'text_rules.changed': {
    group: MESSAGES,
    label: 'Text message settings changed',
    sentence: '{by} changed the text message settings',
  },
  'message.sent': {
    group: MESSAGES,
    label: 'Message sent',
    sentence: 'The {message} for {subject} was sent',
  },
  'message.failed': {
    group: MESSAGES,
    label: 'Message failed',
    sentence: 'The {message} for {subject} could not be sent',
    refusedBadge: 'Failed',
  },
  'request.refused': {
    group: LOG_AND_PERMISSIONS,
    label: 'Permission denied',
    sentence: '{by} tried to do something only a Settings Administrator can do',
  },
  'audit.exported': {
    group: LOG_AND_PERMISSIONS,
    label: 'Audit log exported',
    sentence: '{by} exported the audit log',
  },
  'audit.pruned': {
    group: LOG_AND_PERMISSIONS,
    label: 'Old entries deleted',
    sentence: 'Entries older than {days} days were deleted automatically',
  },
} satisfies Record<AuditAction, EventLabel>;

const MESSAGE_KIND_LABELS: Record<string, string> = {
  reveal_link: 'email with the link',
  code: 'text with the code',
  change_notice: 'email about changed contact details',
  change_report: 'email about a reported change',
  user_link: 'email with a link to set a password',
  security_notice: 'email about a change to sign-in details',
  expiry_reminder: 'reminder of the expiry',
  expiry_overview: 'email about accounts that expire soon',
  unused_overview: 'email about unused accounts',
  leak_notice: 'email about a leaked key',
  leak_report: 'email about a leak to administrators',
  token_overview: 'email about access tokens that expire soon',
  webhook_disabled: 'email about a disabled webhook endpoint',
};

/** Maps former names of message kinds to current ones. Old entries keep the former names. */
const FORMER_MESSAGE_KINDS: Record<string, string> = { objection: 'change_report' };

/** Formats the kind of a message for the middle of a sentence. */
export const formatMessageKind = (kind: unknown) =>
  MESSAGE_KIND_LABELS[FORMER_MESSAGE_KINDS[String(kind)] ?? String(kind)] ?? 'message';
