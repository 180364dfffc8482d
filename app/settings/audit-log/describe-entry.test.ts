import { readFileSync } from 'node:fs';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { SSO_ERRORS } from '#lib/identity/sso/errors.ts';
import { describeEntry, formatOutcome } from './describe-entry.ts';
import { EVENT_LABELS } from './event-labels.ts';
import { listChanges, listDetails, listTechnicalDetails } from './list-details.ts';
import { LogEntry } from './log-entry.tsx';

const ada = { id: 'a', name: 'Ada Minister', email: 'ada@example.com' };
const deletedUser = { id: 'g', name: null, email: null };
const createEntry = (fields: Partial<AuditEntry>): AuditEntry => ({
  id: 'e',
  at: new Date(0),
  action: 'api_key.reset',
  outcome: 'done',
  by: ada,
  accessToken: null,
  account: { id: 'c', username: 'Northgate Gas' },
  user: null,
  ipAddress: null,
  details: {},
  position: 1_234,
  digest: 'abc',
  ...fields,
});
const formatSentence = (fields: Partial<AuditEntry>) =>
  describeEntry(createEntry(fields))
    .map(({ text }) => text)
    .join('');

describe('describeEntry', () => {
  it.each<[string, Partial<AuditEntry>]>([
    ['Ada Minister reset the API key of Northgate Gas', {}],
    [
      'Access token Terraform reset the API key of Northgate Gas',
      { by: null, accessToken: { id: 't', name: 'Terraform' } },
    ],
    [
      'Access token Terraform ended the old API key of Northgate Gas',
      { action: 'api_key.previous_ended', by: null, accessToken: { id: 't', name: 'Terraform' } },
    ],
    [
      'Access token Terraform made a request that needs the scope audit:read',
      {
        ...{ action: 'request.refused', by: null, account: null },
        ...{ accessToken: { id: 't', name: 'Terraform' }, details: { scope: 'audit:read' } },
      },
    ],
    [
      'A deleted access token reset the API key of Northgate Gas',
      { by: null, accessToken: { id: 't', name: null } },
    ],
    [
      'Ada Minister revoked the access token Terraform',
      {
        action: 'access_token.revoked',
        account: null,
        details: { accessToken: 'Terraform', accessTokenId: 't' },
      },
    ],
    [
      'Ada Minister ended the old API key of Northgate Gas',
      { action: 'api_key.previous_ended', details: { reason: 'administrator' } },
    ],
    [
      'The old API key of Northgate Gas stopped working',
      { action: 'api_key.previous_ended', by: null, details: { reason: 'time_passed' } },
    ],
    [
      'A deleted user reset the API key of a deleted API account',
      { by: deletedUser, account: { id: 'c', username: null } },
    ],
    [
      'Ada Minister created the API account Gone Ltd',
      {
        action: 'api_account.created',
        account: { id: 'c', username: null },
        details: { username: 'Gone Ltd' },
      },
    ],
    ['Failed sign-in as Ada Minister', { action: 'sign_in.failed', by: null, account: null, user: ada }],
    // An entry of an earlier version, which named the target user as the actor.
    ['Failed sign-in as Ada Minister', { action: 'sign_in.failed', account: null }],
    [
      'Failed sign-in with an unrecognised passkey',
      { action: 'sign_in.failed', by: null, account: null, details: { method: 'passkey' } },
    ],
    [
      'Failed sign-in with single sign-on',
      { action: 'sign_in.failed', by: null, account: null, details: { method: 'oidc' } },
    ],
    ['Failed sign-in with an unknown email address', { action: 'sign_in.failed', by: null, account: null }],
    [
      'The email with the link for Northgate Gas was sent',
      { action: 'message.sent', by: null, details: { kind: 'reveal_link' } },
    ],
    [
      'The email with a link to set a password for Ada Minister could not be sent',
      { action: 'message.failed', by: null, account: null, user: ada, details: { kind: 'user_link' } },
    ],
    [
      'The message for Northgate Gas was sent',
      { action: 'message.sent', by: null, details: { kind: 'unknown_kind' } },
    ],
    ['Northgate Gas’s API key was shown', { action: 'api_key.shown', by: null }],
    [
      'Entries older than 400 days were deleted automatically',
      { action: 'audit.pruned', by: null, account: null, details: { olderThanDays: 400 } },
    ],
    ['Ada Minister: api account, unknown action (Northgate Gas)', { action: 'api_account.unknown_action' }],
    [
      'Stagedoor: user, unknown action (Ada Minister)',
      { action: 'user.unknown_action', by: null, account: null, user: ada },
    ],
  ])('describes an entry: %s', (description, fields) => {
    expect(formatSentence(fields)).toBe(description);
  });

  it('marks names, even a name that looks like a placeholder', () => {
    const parts = describeEntry(createEntry({ account: { id: 'c', username: '{by}' } }));
    expect(parts.filter(({ isName }) => isName).map(({ text }) => text)).toEqual(['Ada Minister', '{by}']);
  });
});

describe('EVENT_LABELS', () => {
  it('has a label for every audit action', () => {
    const source = readFileSync(new URL('../../../lib/audit/actions.ts', import.meta.url), 'utf8');
    const actions = [...source.matchAll(/'([a-z_.]+)'/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(10);
    expect(actions.filter((action) => !EVENT_LABELS[action ?? ''])).toEqual([]);
  });
});

describe('formatOutcome', () => {
  it('labels only actions that failed or were blocked', () => {
    expect(formatOutcome(createEntry({}))).toBeNull();
    expect(formatOutcome({ action: 'message.failed', outcome: 'refused' })).toBe('Failed');
    expect(formatOutcome({ action: 'unknown.action', outcome: 'refused' })).toBe('Blocked');
  });
});

describe('listChanges', () => {
  it('lists only the values that differ', () => {
    const before = { email: 'a@example.com', phone: '+44', requestsPerMinute: null, active: true };
    const after = { ...before, email: 'b@example.com', requestsPerMinute: 1_000, active: false };
    expect(listChanges({ details: { before, after } })).toEqual([
      { label: 'Email address', before: 'a@example.com', after: 'b@example.com' },
      { label: 'Requests per minute', before: 'None', after: '1,000' },
      { label: 'Active', before: 'Yes', after: 'No' },
    ]);
  });

  it('lists a changed expiry, scopes and networks in words', () => {
    const before = { expiresAt: null, scopes: 'full_access', allowedNetworks: 'anywhere' };
    const after = {
      expiresAt: '2031-01-02T01:04:05.000Z',
      scopes: 'orders:read orders:write',
      allowedNetworks: '192.0.2.7 10.0.0.0/8',
    };
    expect(listChanges({ details: { before, after } })).toEqual([
      { label: 'Expires', before: 'None', after: '2 Jan 2031, 01:04:05 UTC' },
      { label: 'Scopes', before: 'Full access', after: 'orders:read, orders:write' },
      { label: 'Allowed networks', before: 'Anywhere', after: '192.0.2.7, 10.0.0.0/8' },
    ]);
    const noScopes = { before: { scopes: 'orders:read' }, after: { scopes: '' } };
    expect(listChanges({ details: noScopes })).toEqual([
      { label: 'Scopes', before: 'orders:read', after: 'None' },
    ]);
  });

  it('lists nothing if the values before and after are not objects', () => {
    expect(listChanges({ details: { before: 'Old name', after: 'New name' } })).toEqual([]);
  });
});

describe('listDetails and listTechnicalDetails', () => {
  it('list the actor, the account and the details, with ids and the digest as technical details', () => {
    const details = {
      role: 'settings_viewer',
      filter: { action: 'sign_out', from: '' },
      some_thing: ['x'],
      channel: 'sms',
      messageId: 'm',
    };
    const described = createEntry({ details, by: deletedUser });
    expect(listDetails(described)).toEqual([
      { label: 'Done by', value: 'g' },
      { label: 'API account', value: 'Northgate Gas' },
      { label: 'Role', value: 'Settings Viewer' },
      { label: 'Filters', value: 'Action: Signed out; From: None' },
      { label: 'Some thing', value: '["x"]' },
      { label: 'Channel', value: 'Text message' },
    ]);
    expect(listTechnicalDetails(described)).toEqual([
      { label: 'Message ID', value: 'm' },
      { label: 'Entry number', value: '1,234' },
      { label: 'Digest', value: 'abc' },
    ]);
    expect(listTechnicalDetails(createEntry({ position: null, digest: null }))).toEqual([
      { label: 'Entry number', value: '—' },
    ]);
  });

  it('say that contact details were erased, and hide values that did not change', () => {
    const before = { requestsPerMinute: null };
    const entry = createEntry({ details: { before, after: { ...before }, contactDetails: 'erased' } });
    expect(listChanges(entry)).toEqual([]);
    expect(listDetails(entry)).toEqual([
      { label: 'Done by', value: 'Ada Minister, ada@example.com' },
      { label: 'API account', value: 'Northgate Gas' },
      { label: 'Contact details', value: 'Erased when the API account was deleted' },
    ]);
  });

  it.each<[Record<string, unknown>, string, string]>([
    [{ method: 'password_totp' }, 'Method', 'Password and authenticator app'],
    [{ kind: 'security_notice' }, 'Message', 'Email about a change to sign-in details'],
    [{ what: 'both' }, 'Resent', 'Email with the link, and text with the code'],
    [{ left: 9 }, 'Recovery codes left', '9'],
    [{ format: 'jsonl' }, 'Format', 'JSON Lines'],
    [{ sessions: ['01a2', '01a3'] }, 'Sessions ended', '2'],
    [{ by: 'console' }, 'Added', 'From the command line'],
    [
      { reason: 'wrong_organisation' },
      'Reason',
      'Their account at the provider isn’t part of this organisation',
    ],
    [{ issuer: 'https://id.example.org' }, 'OpenID provider', 'https://id.example.org'],
    [{ subject: '7f3a' }, 'Provider user ID', '7f3a'],
    [
      { filter: { action: 'sign_in.failed', by: 'none', outcome: 'refused', search: 'action' } },
      'Filters',
      'Action: Sign-in failed; Done by: No signed-in user; Outcome: Failed or blocked; Search: action',
    ],
    [{ filter: { action: 'user.unknown_action' } }, 'Filters', 'Action: user.unknown_action'],
  ])('format the details %j', (details, label, value) => {
    expect(listDetails(createEntry({ details }))).toContainEqual({ label, value });
  });

  it('label every reason why single sign-on fails', () => {
    // The reasons that the user sees, except those that are not recorded or are recorded under another name. Only
    // labels contain a space.
    const reasons = SSO_ERRORS.filter(
      (reason) => !['failed', 'rate_limited', 'unavailable'].includes(reason),
    );
    for (const reason of [...reasons, 'malformed']) {
      const details = listDetails(createEntry({ details: { reason } }));
      expect(details.find(({ label }) => label === 'Reason')?.value).toContain(' ');
    }
  });

  it.each([
    ['resendDelivery', 'sendMessagesAgain'],
    ['resendInvitation', 'sendInvitationAgain'],
    ['resolveChangeReport', 'settleChange'],
    ['saveSmsPolicy', 'saveTextRules'],
    ['unlinkProviderAccount', 'forgetProviderAccount'],
  ])('label %s in the same way under its former name %s', (current, former) => {
    const formatAction = (requested: string) =>
      listDetails(createEntry({ details: { requested } }))[0]?.value;
    expect(formatAction(former)).toBe(formatAction(current));
    expect(formatAction(former)).toContain(' ');
  });

  it.each([
    ['email_linked_elsewhere', 'other_identity'],
    ['expired', 'over'],
    ['stale_authentication', 'not_fresh'],
    ['wrong_account', 'other_person'],
    ['wrong_organisation', 'foreign'],
  ])('label the reason %s in the same way under its former name', (current, former) => {
    const labelOf = (reason: string) => listDetails(createEntry({ details: { reason } }))[0]?.value;
    expect(labelOf(former)).toBe(labelOf(current));
    expect(labelOf(former)).toContain(' ');
  });

  it('never repeat a label, because labels are React keys', () => {
    const details = { messageId: 'm', kind: 'code', channel: 'sms' };
    for (const list of [listDetails, listTechnicalDetails]) {
      const labels = list(createEntry({ details })).map(({ label }) => label);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });
});

describe('LogEntry', () => {
  it('describes the “Details” control with the sentence of its entry', () => {
    const html = renderToStaticMarkup(createElement(LogEntry, { entry: createEntry({}), now: new Date(0) }));
    const [, id] = /<summary aria-describedby="([^"]+)"/.exec(html) ?? [];
    expect(html).toMatch(new RegExp(`<p id="${id}"[^>]*>.*reset the API key of.*</p>`));
  });
});

describe('listDetails of a reset', () => {
  it('contains when the old key was to end, with the time in UTC', () => {
    const details = { oldKey: 'on_first_use', oldKeyExpiresAt: '2026-12-07T10:20:31.123Z' };
    expect(listDetails(createEntry({ details }))).toEqual(
      expect.arrayContaining([
        { label: 'Old key works until', value: 'The new key is first used' },
        { label: 'Old key works until, at the latest', value: '7 Dec 2026, 10:20:31 UTC' },
      ]),
    );
  });
});
