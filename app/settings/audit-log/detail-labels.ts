import { capitalize } from '#components/format.ts';
import { formatExact } from '#components/format-time.ts';
import { TAB_LABELS } from '#lib/api-accounts/list-filter.ts';
import type { AuditFilter } from '#lib/audit/schema.ts';
import { REQUIRED_CLAIMS } from '#lib/identity/sso/errors.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { LIFETIME_LABELS } from '../expiry/lifetime-labels.ts';
import { OPERATION_LABELS } from '../jobs/job-labels.ts';
import { LEAK_SOURCE_LABELS } from '../leak-source-labels.ts';
import { LIMIT_LABELS } from '../text-messages/usage-labels.ts';
import { EVENT_LABELS, formatMessageKind } from './event-labels.ts';

const LABELS: Record<string, string> = {
  email: 'Email address',
  phone: 'Phone number',
  phoneConfirmed: 'Unknown phone number confirmed',
  requestsPerMinute: 'Requests per minute',
  displayName: 'Display name',
  notesChanged: 'Notes changed',
  contactDetails: 'Contact details',
  oldKey: 'Old key works until',
  oldKeyExpiresAt: 'Old key works until, at the latest',
  endedAt: 'Ended',
  source: 'Reported by',
  url: 'Found at, as reported',
  key: 'Key',
  expiresAt: 'Expires',
  allowedNetworks: 'Allowed networks',
  accessToken: 'Access token',
  accessTokenId: 'Access token ID',
  scope: 'Scope',
  scopes: 'Scopes',
  accounts: 'API accounts that had it',
  apiAccounts: 'API accounts',
  bulkJobId: 'Job ID',
  operation: 'Change',
  webhookEndpoint: 'Webhook endpoint',
  webhookEndpointId: 'Webhook endpoint ID',
  deliveryId: 'Webhook delivery ID',
  eventTypes: 'Events',
  previousSecretExpiresAt: 'Previous secret signs until',
  description: 'Description',
  revealId: 'Key delivery ID',
  linkAttempts: 'Attempts on this link',
  messageId: 'Message ID',
  changeId: 'Contact change ID',
  left: 'Recovery codes left',
  kind: 'Message',
  channel: 'Channel',
  failure: 'Reason',
  to: 'Sent to',
  what: 'Resent',
  requested: 'Action',
  filter: 'Filters',
  entries: 'Entries deleted',
  olderThanDays: 'Older than (days)',
  upToPosition: 'Up to entry number',
  sessions: 'Sessions ended',
  by: 'Added',
  issuer: 'OpenID provider',
  subject: 'Provider user ID',
  secondFactorRemoved: 'Two-step sign-in removed',
  ...LIMIT_LABELS,
  ...LIFETIME_LABELS,
};

export const FILTER_LABELS: Record<keyof AuditFilter, string> = {
  search: 'Search',
  action: 'Action',
  by: 'Done by',
  account: 'API account',
  user: 'User affected',
  outcome: 'Outcome',
  from: 'From',
  to: 'To',
};

export const OUTCOME_LABELS = { done: 'Successful', refused: 'Failed or blocked' };

/** Label of a missing actor, neither a user nor an access token: the integrator, Stagedoor itself or an unauthenticated request. */
export const NO_ACTOR_LABEL = 'No signed-in user';

/** Labels of the ways in which users are added, by `details.by`. */
const ADDED_BY_LABELS = {
  console: 'From the command line',
  'single sign-on': 'At the first sign-in with single sign-on',
};

const VALUE_LABELS: Record<string, Record<string, string>> = {
  role: ROLE_LABELS,
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
    unknown: 'No matching user or role',
    no_email: 'The provider hasn’t verified their email address',
    invalid_email: 'The provider sent an invalid email address',
    missing_role_claim: 'The provider didn’t send the claim that gives roles',
    ...Object.fromEntries(
      REQUIRED_CLAIMS.map((claim) => [`missing_${claim}`, `The provider didn’t send the claim “${claim}”`]),
    ),
    unsupported_algorithm: 'The ID token’s signing algorithm isn’t accepted',
    second_factor_required: 'The provider can’t authenticate them again, and they use two-step sign-in',
    email_linked_elsewhere: 'Their email address is linked to a different account at the provider',
    inactive: 'Their access is turned off',
    wrong_organisation: 'Their account at the provider isn’t part of this organisation',
    malformed: 'Unreadable response from the provider',
    wrong_account: 'They signed in with someone else’s account at the provider',
    expired: 'The session had ended, or their access was turned off',
    role_changed: 'Their role at the provider had changed',
    stale_authentication: 'The provider didn’t confirm that they had just signed in',
    administrator: 'An administrator ended it',
    reset: 'The key was reset again',
    deactivated: 'The account was deactivated',
    leaked: 'It was reported as leaked',
    new_key_collected: 'The new key was collected',
    new_key_used: 'The new key was used',
    time_passed: 'Its time had passed',
  },
  key: { current: 'The current key', previous: 'The old key' },
  operation: OPERATION_LABELS,
  source: LEAK_SOURCE_LABELS,
  scopes: { full_access: 'Full access' },
  allowedNetworks: { anywhere: 'Anywhere' },
  oldKey: {
    on_collection: 'The new key is collected',
    on_first_use: 'The new key is first used',
    after_hours: 'A set time has passed',
  },
  notice: {
    passkey_added: 'A passkey was added',
    passkey_removed: 'A passkey was removed',
    totp_added: 'An authenticator app was added',
    totp_removed: 'The authenticator app was removed',
    recovery_codes_made: 'Recovery codes were generated',
    recovery_code_used: 'A recovery code was used',
    second_factor_removed: 'Two-step sign-in was removed',
    password_changed: 'The password was changed',
    email_changed: 'The email address was changed',
    single_sign_on_linked: 'Single sign-on was linked',
    single_sign_on_unlinked: 'Single sign-on was unlinked',
  } satisfies Record<SecurityNotice, string>,
  what: {
    both: 'Email with the link, and text with the code',
    email: 'Email with the link',
    text: 'Text with the code',
  },
  requested: {
    createAccount: 'Create an API account',
    checkFields: 'Check the fields of an API account',
    dismissChecklist: 'Dismiss the checklist',
    saveAccount: 'Edit an API account',
    exportAccounts: 'Export the list of API accounts',
    prepareJob: 'Prepare a job for many API accounts',
    exportSelected: 'Export selected API accounts',
    startJob: 'Start a job for many API accounts',
    cancelJob: 'Cancel a job',
    beginImportJob: 'Import API accounts',
    uploadImportPart: 'Upload a file of API accounts',
    finishImportUpload: 'Upload a file of API accounts',
    startImportJob: 'Start an import of API accounts',
    exportJobResults: 'Export the results of a job',
    resetKey: 'Reset an API key',
    stopOldKey: 'End an old API key',
    loadRecentUse: 'View how an API account is used',
    deleteAccount: 'Delete an API account',
    resendDelivery: 'Resend a link or code',
    readCodeOut: 'Read a code out by phone',
    loadUsage: 'View an API account’s usage',
    resolveChangeReport: 'Resolve a change report',
    loadAccountHistory: 'View an API account’s history',
    exportAuditLog: 'Export the audit log',
    saveSmsPolicy: 'Change the text message settings',
    createScope: 'Create a scope',
    saveScope: 'Edit a scope',
    loadScopeUse: 'View the API accounts with a scope',
    retireScope: 'Retire a scope',
    saveExpiryPolicy: 'Change the expiry settings',
    createAccessToken: 'Create an access token',
    revokeAccessToken: 'Revoke an access token',
    invite: 'Invite a user',
    saveUser: 'Edit a user',
    resendInvitation: 'Resend an invitation',
    signUserOutEverywhere: 'Sign a user out everywhere',
    unlinkProviderAccount: 'Unlink a user’s single sign-on',
  },
  contactDetails: { erased: 'Erased when the API account was deleted' },
  status: TAB_LABELS,
  format: { csv: 'CSV', jsonl: 'JSON Lines' },
  outcome: OUTCOME_LABELS,
  by: { none: NO_ACTOR_LABEL, ...ADDED_BY_LABELS },
};

/** Maps former names of actions to current ones. Old entries keep the former names. */
const FORMER_ACTIONS: Record<string, string> = {
  forgetProviderAccount: 'unlinkProviderAccount',
  saveTextRules: 'saveSmsPolicy',
  sendInvitationAgain: 'resendInvitation',
  sendMessagesAgain: 'resendDelivery',
  settleChange: 'resolveChangeReport',
};

/** Maps former values to current ones, by key. Old entries keep the former values. */
const FORMER_VALUES: Record<string, Record<string, string>> = {
  by: { nobody: 'none' },
  requested: FORMER_ACTIONS,
  reason: {
    foreign: 'wrong_organisation',
    not_fresh: 'stale_authentication',
    other_identity: 'email_linked_elsewhere',
    other_person: 'wrong_account',
    over: 'expired',
  },
  notice: { single_sign_on_forgotten: 'single_sign_on_unlinked' },
};

/** Maps former names of keys to current ones. Old entries keep the former names. */
const FORMER_KEYS: Record<string, string> = { act: 'action', linkTries: 'linkAttempts' };

/** Returns the label of a key. A key without a label is split into words: `linked_account` becomes "Linked account". */
export function formatLabel(key: string, parentKey?: string): string {
  const current = FORMER_KEYS[key] ?? key;
  const label = parentKey === 'filter' ? FILTER_LABELS[current as keyof AuditFilter] : LABELS[current];
  const words = key
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
  return label ?? capitalize(words);
}

/** Keys of times, which are stored in ISO 8601. */
const TIMES = new Set(['expiresAt', 'oldKeyExpiresAt', 'endedAt']);
/** Keys of lists, which are stored with spaces between their entries. */
const LISTS = new Set(['scopes', 'allowedNetworks']);

/** Returns the label of a stored value, or the value itself if it has no label. */
export function formatValue(key: string, value: string): string {
  if ((FORMER_KEYS[key] ?? key) === 'action') return EVENT_LABELS[value]?.label ?? value;
  if (key === 'kind') return capitalize(formatMessageKind(value));
  if (TIMES.has(key) && !Number.isNaN(Date.parse(value))) return formatExact(new Date(value), 'UTC');
  const current = FORMER_VALUES[key]?.[value] ?? value;
  return VALUE_LABELS[key]?.[current] ?? (LISTS.has(key) ? value.replaceAll(' ', ', ') : value);
}
