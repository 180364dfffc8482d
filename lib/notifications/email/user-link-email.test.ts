import { expect, test } from 'vitest';
import { securityNoticeEmail } from './security-notice.ts';
import { userLinkEmail } from './user-link-email.ts';

const input = {
  organisation: 'Northgate\nGas & Power',
  purpose: 'invitation' as const,
  link: 'https://access.northgate.example/set-password#token',
  expiresAt: new Date('2026-11-25T14:05:59Z'),
  onlyAt: null,
  invitedBy: 'Ida\nAdmin',
  role: 'settings_viewer' as const,
};

test('an invitation names who invites, and the role', async () => {
  const { subject, text } = await userLinkEmail(input);
  expect(subject).toBe('Ida Admin invites you to Stagedoor at Northgate Gas & Power');
  expect(text).toContain('Ida Admin has invited you to Stagedoor at Northgate Gas & Power, where');
  expect(text).toContain('Your role is Settings Viewer: you see API accounts and users, and change nothing.');
  expect(text).toContain('If it has ended, ask Ida Admin for a new one.');
});

test('where single sign-on is the only way in, an invitation leads there and knows no password', async () => {
  const { text } = await userLinkEmail({ ...input, onlyAt: 'Northwind' });
  expect(text).toContain('sign in with the account that you have at Northwind');
  expect(text).toContain('Your role is Settings Viewer');
  expect(text).not.toMatch(/a password|24 hours/);
});

test('an invitation by nobody known, without a role', async () => {
  const { subject, text } = await userLinkEmail({ ...input, invitedBy: null, role: null });
  expect(subject).toBe('You are invited to Stagedoor at Northgate Gas & Power');
  expect(text).toContain('You have been invited to Stagedoor at Northgate Gas & Power');
  expect(text).toContain('You have no role yet');
});

test.each(['invitation', 'password_reset'] as const)('is the same bytes for the same %s', async (purpose) => {
  const make = () => userLinkEmail({ ...input, purpose });
  expect(await make()).toEqual(await make());
});

test('an organisation without a name of its own is not named twice', async () => {
  const organisation = 'Stagedoor';
  const made = await Promise.all([
    userLinkEmail({ ...input, organisation }),
    userLinkEmail({ ...input, organisation, onlyAt: 'Northwind' }),
    userLinkEmail({ ...input, organisation, purpose: 'password_reset' }),
    securityNoticeEmail({ organisation, notice: 'totp_added', at: input.expiresAt, link: input.link }),
  ]);
  expect(made.map(({ subject }) => subject)).toEqual([
    'Ida Admin invites you to Stagedoor',
    'Ida Admin invites you to Stagedoor',
    'Choose a new password for Stagedoor',
    'An authenticator app was added: your Stagedoor account',
  ]);
  for (const { text, html } of made) expect(`${text}${html}`).not.toContain('at Stagedoor');
});
