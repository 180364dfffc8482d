import type { AuditAction } from '#lib/audit/actions.ts';
import { USER_EVENT_LABELS } from './user-event-labels.ts';

export type EventLabel = {
  /** The group of the action in the filter. */
  group: string;
  /** The action in the filter. */
  label: string;
  /** Template with the placeholders `{by}`, `{account}`, `{user}`, `{subject}` (account or user) and `{message}`. */
  sentence: string;
  /** Template if the actor is unknown. */
  withoutActor?: string;
  /** Templates if both the actor and the target user are unknown, by `details.method`, or `other`. */
  withoutUsers?: Record<string, string> & { other: string };
  /** Label of the badge if the outcome is `refused`. */
  refused?: string;
};

const ACCOUNTS = 'API accounts and keys';
const REVEALS = 'Hand-over of keys';
const CHANGES = 'Changed addresses';
const FACTORS = 'Passkeys, apps and recovery codes';
const SIGN_IN = 'Signing in';
const MESSAGES = 'Messages';
const LOG = 'Audit log and refusals';

/** The labels of all audit actions. An action without a label shows its name. */
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
    label: 'Account made inactive',
    sentence: '{by} made the API account {account} inactive',
  },
  'api_account.reactivated': {
    group: ACCOUNTS,
    label: 'Account made active again',
    sentence: '{by} made the API account {account} active again',
  },
  'api_key.reset': {
    group: ACCOUNTS,
    label: 'API key reset',
    sentence: '{by} reset the API key of {account}',
  },
  'api_key.shown': {
    group: REVEALS,
    label: 'API key shown',
    sentence: 'The API key of {account} was shown to whoever held the link and the code',
  },
  'reveal.started': {
    group: REVEALS,
    label: 'Link and code sent for',
    sentence: '{by} had a link and a code sent for {account}',
  },
  'reveal.new_code': {
    group: REVEALS,
    label: 'New code asked for',
    sentence: 'Whoever held the link asked for a new code for {account}',
  },
  'reveal.sent_again': {
    group: REVEALS,
    label: 'Link or code sent again',
    sentence: '{by} had the link or the code for {account} sent again',
  },
  'reveal.wrong_code': {
    group: REVEALS,
    label: 'Wrong code',
    sentence: 'A wrong code was entered for {account}',
    refused: 'Wrong code',
  },
  'reveal.locked': {
    group: REVEALS,
    label: 'Link locked',
    sentence: 'The link for {account} was locked after too many wrong codes',
    refused: 'Locked',
  },
  'address_change.notice_withheld': {
    group: CHANGES,
    label: 'Address before not told',
    sentence: '{by} changed an address of {account} without telling the address before',
  },
  'address_change.objected': {
    group: CHANGES,
    label: 'Change objected to',
    sentence: 'Whoever reads at the address before objected to a change of {account}',
  },
  'address_change.settled': {
    group: CHANGES,
    label: 'Objection settled',
    sentence: '{by} settled an objection to a change of {account}',
  },
  'sign_in.succeeded': { group: SIGN_IN, label: 'Signed in', sentence: '{by} signed in' },
  'sign_in.failed': {
    group: SIGN_IN,
    label: 'Sign-in failed',
    sentence: 'Somebody tried to sign in as {by}, and was not let in',
    withoutActor: 'Somebody tried to sign in as {user}, and was not let in',
    withoutUsers: {
      passkey: 'Somebody tried to sign in with a passkey that is not known, or not right',
      oidc: 'Somebody tried to sign in by single sign-on, and was not let in',
      other: 'Somebody tried to sign in with an email address that nobody has',
    },
  },
  sign_out: { group: SIGN_IN, label: 'Signed out', sentence: '{by} signed out' },
  'session.ended': {
    group: SIGN_IN,
    label: 'Signed out elsewhere',
    sentence: '{by} signed themselves out elsewhere',
  },
  'sign_in.second_factor_asked': {
    group: SIGN_IN,
    label: 'Second step asked for',
    sentence: '{by} gave the right password, and was asked for the second step',
  },
  'proof.given': { group: SIGN_IN, label: 'Proved again', sentence: '{by} proved again who they are' },
  'proof.failed': {
    group: SIGN_IN,
    label: 'Proof failed',
    sentence: 'Somebody signed in as {by} failed to prove who they are',
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
    label: 'Recovery codes made',
    sentence: '{by} made new recovery codes',
  },
  'recovery_code.used': {
    group: FACTORS,
    label: 'Recovery code used',
    sentence: '{by} used a recovery code',
  },
  ...USER_EVENT_LABELS,
  'text_rules.changed': {
    group: MESSAGES,
    label: 'Rules for texts changed',
    sentence: '{by} changed the rules for texts',
  },
  'message.sent': {
    group: MESSAGES,
    label: 'Message sent',
    sentence: 'The {message} for {subject} was sent',
  },
  'message.failed': {
    group: MESSAGES,
    label: 'Message given up',
    sentence: 'The {message} for {subject} could not be sent',
    refused: 'Failed',
  },
  'request.refused': {
    group: LOG,
    label: 'Act refused: no right to it',
    sentence: '{by} asked for something that takes the role Settings Administrator',
  },
  'audit.exported': { group: LOG, label: 'Audit log exported', sentence: '{by} exported the audit log' },
  'audit.pruned': {
    group: LOG,
    label: 'Old entries removed',
    sentence: 'Old entries of the audit log were removed, as AUDIT_RETENTION_DAYS says',
  },
} satisfies Record<AuditAction, EventLabel>;

const MESSAGES_BY_KIND: Record<string, string> = {
  reveal_link: 'email with the link',
  code: 'text with the code',
  change_notice: 'email about a changed address',
  change_report: 'email about an objection to a changed address',
  user_link: 'email with a link to set a password',
  security_notice: 'email about a change to their sign-in',
};

/** Earlier names of kinds, which stay in the entries that were written then. */
const FORMER_KINDS: Record<string, string> = { objection: 'change_report' };

/** Formats the kind of a message for the middle of a sentence. */
export const formatMessageKind = (kind: unknown) =>
  MESSAGES_BY_KIND[FORMER_KINDS[String(kind)] ?? String(kind)] ?? 'message';
