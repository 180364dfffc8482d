import { describe, expect, it } from 'vitest';
import { renderSecurityNoticeEmail } from './security-notice-email.ts';
import type { SecurityNotice } from './security-notices.ts';

const input = {
  organisation: 'Northgate\nGas & Power',
  happenedAt: new Date('2026-11-25T14:05:59Z'),
  link: 'https://access.northgate.example/settings/your-account',
};

describe('renderSecurityNoticeEmail', () => {
  it.each<[SecurityNotice, string]>([
    ['passkey_added', 'A passkey was added to your account on Wednesday 25 November 2026, 14:05 UTC.'],
    ['passkey_removed', 'A passkey was removed from your account on'],
    ['totp_added', 'An authenticator app was added to your account on'],
    ['totp_removed', 'Your authenticator app was removed from your account on'],
    [
      'recovery_codes_made',
      'New recovery codes were created for your account on Wednesday 25 November 2026, 14:05 UTC. The old ones no longer work.',
    ],
    ['recovery_code_used', 'One of your recovery codes was used to sign in to your account on'],
    ['second_factor_removed', 'and the recovery codes were removed from your account on'],
    ['password_changed', 'The password of your account was changed on'],
  ])('describes %s with its time and what to do', async (notice, sentence) => {
    const { subject, text, html } = await renderSecurityNoticeEmail({ ...input, notice });
    expect(subject).toMatch(/: your Stagedoor account at Northgate Gas & Power$/);
    expect(text).toContain(sentence);
    expect(text).toContain('If it wasn’t, someone else may be able to sign in as you.');
    expect(text).toContain(input.link);
    expect(html).toContain('14:05 UTC');
  });

  it('advises the reader at the previous address to ask an administrator, and not to open the account', async () => {
    const { subject, text, html } = await renderSecurityNoticeEmail({ ...input, notice: 'email_changed' });
    expect(subject).toBe('Your email address was changed: your Stagedoor account at Northgate Gas & Power');
    for (const sentence of [
      'changed the email address on your account on Wednesday 25 November 2026, 14:05 UTC. Stagedoor, which manages API keys, no longer sends emails to this address',
      'If you didn’t, ask a Settings Administrator at Northgate Gas & Power immediately',
    ])
      expect(text).toContain(sentence);
    for (const content of [text, html])
      expect(content).not.toMatch(/If this was you|Open your account|your-account/);
  });

  it('asks a user whose SSO account was unlinked to sign in again', async () => {
    const notice = 'single_sign_on_unlinked';
    const { subject, text, html } = await renderSecurityNoticeEmail({ ...input, notice });
    expect(subject).toBe('Your single sign-on was unlinked: your Stagedoor account at Northgate Gas & Power');
    for (const sentence of [
      '14:05 UTC. A Settings Administrator does this',
      'When you sign in with single sign-on again',
      input.link,
    ])
      expect(text).toContain(sentence);
    for (const content of [text, html]) expect(content).not.toMatch(/If this was you|change your password/);
  });

  it('explains who can unlink an SSO account that the user did not link', async () => {
    const { text } = await renderSecurityNoticeEmail({ ...input, notice: 'single_sign_on_linked' });
    expect(text).toContain('Ask a Settings Administrator at Northgate Gas & Power immediately to unlink');
    expect(text).not.toContain('remove any passkey');
  });

  it('renders equal input to identical bytes', async () => {
    const renderNotice = () => renderSecurityNoticeEmail({ ...input, notice: 'totp_added' });
    expect(await renderNotice()).toEqual(await renderNotice());
  });
});
