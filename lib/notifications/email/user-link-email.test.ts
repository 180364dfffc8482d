import { describe, expect, it } from 'vitest';
import { renderSecurityNoticeEmail } from './security-notice-email.ts';
import { renderUserLinkEmail } from './user-link-email.ts';

const input = {
  organisation: 'Northgate\nGas & Power',
  purpose: 'invitation' as const,
  link: 'https://access.northgate.example/set-password#token',
  expiresAt: new Date('2026-11-25T14:05:59Z'),
  ssoOnlyProvider: null,
  invitedBy: 'Ida\nAdmin',
  role: 'settings_viewer' as const,
};

describe('renderUserLinkEmail', () => {
  it('names the inviting administrator and the role in an invitation', async () => {
    const { subject, text } = await renderUserLinkEmail(input);
    expect(subject).toBe('Ida Admin has invited you to Stagedoor at Northgate Gas & Power');
    expect(text).toContain('Ida Admin has invited you to Stagedoor at Northgate Gas & Power, where');
    expect(text).toContain('Your role is Settings Viewer: you can view API accounts and users.');
    expect(text).toContain('If it has expired, ask Ida Admin for a new one.');
  });

  it('invites the user to sign in at the provider, and mentions no password or expiry, if SSO is the only sign-in method', async () => {
    const { text } = await renderUserLinkEmail({ ...input, ssoOnlyProvider: 'Entra' });
    expect(text).toContain('sign in with your Entra account, the one with this email address');
    expect(text).toContain('Your role is Settings Viewer');
    expect(text).not.toMatch(/a password|expires/);
  });

  it('names no unknown administrator, and states that the user has no role yet', async () => {
    const { subject, text } = await renderUserLinkEmail({ ...input, invitedBy: null, role: null });
    expect(subject).toBe('You’re invited to Stagedoor at Northgate Gas & Power');
    expect(text).toContain('You’ve been invited to Stagedoor at Northgate Gas & Power');
    expect(text).toContain('You don’t have a role yet');
  });

  it.each(['invitation', 'password_reset'] as const)(
    'renders equal input to identical bytes: %s',
    async (purpose) => {
      const renderEmail = () => renderUserLinkEmail({ ...input, purpose });
      expect(await renderEmail()).toEqual(await renderEmail());
    },
  );

  it('does not name the default organisation, which is also called Stagedoor', async () => {
    const organisation = 'Stagedoor';
    const emails = await Promise.all([
      renderUserLinkEmail({ ...input, organisation }),
      renderUserLinkEmail({ ...input, organisation, ssoOnlyProvider: 'Entra' }),
      renderUserLinkEmail({ ...input, organisation, purpose: 'password_reset' }),
      renderSecurityNoticeEmail({
        organisation,
        notice: 'totp_added',
        happenedAt: input.expiresAt,
        link: input.link,
      }),
    ]);
    expect(emails.map(({ subject }) => subject)).toEqual([
      'Ida Admin has invited you to Stagedoor',
      'Ida Admin has invited you to Stagedoor',
      'Choose a new password for Stagedoor',
      'An authenticator app was added: your Stagedoor account',
    ]);
    for (const { text, html } of emails) expect(`${text}${html}`).not.toContain('at Stagedoor');
  });
});
