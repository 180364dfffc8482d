import { expect, test } from 'vitest';
import { securityNoticeEmail } from './security-notice.ts';
import type { SecurityNotice } from './security-notices.ts';

const input = {
  organisation: 'Northgate\nGas & Power',
  at: new Date('2026-11-25T14:05:59Z'),
  link: 'https://access.northgate.example/settings/your-account',
};

test.each<[SecurityNotice, string]>([
  ['passkey_added', 'A passkey was added to your account on Wednesday 25 November 2026, 14:05 UTC.'],
  ['passkey_removed', 'A passkey was removed from your account on'],
  ['totp_added', 'An authenticator app was added to your account on'],
  ['totp_removed', 'The authenticator app was removed from your account on'],
  ['recovery_codes_made', 'made anew, and the earlier ones stopped working, on'],
  ['recovery_code_used', 'One of your recovery codes was used to sign in to your account on'],
  ['second_factor_removed', 'and the recovery codes were removed from your account on'],
  ['password_changed', 'The password of your account was changed on'],
])('tells of %s, when, and what to do', async (notice, sentence) => {
  const { subject, text, html } = await securityNoticeEmail({ ...input, notice });
  expect(subject).toMatch(/: your Stagedoor account at Northgate Gas & Power$/);
  expect(text).toContain(sentence);
  expect(text).toContain('If it was not, somebody else may be able to sign in as you.');
  expect(text).toContain(input.link);
  expect(html).toContain('14:05 UTC');
});

test('tells the address before of a change only what its reader can act on', async () => {
  const { subject, text, html } = await securityNoticeEmail({ ...input, notice: 'email_changed' });
  expect(subject).toBe('Your email address was changed: your Stagedoor account at Northgate Gas & Power');
  for (const words of [
    'another email address than this one on Wednesday 25 November 2026, 14:05 UTC. No emails of Stagedoor',
    'If you did not, ask a Settings Administrator at Northgate Gas & Power at once',
  ])
    expect(text).toContain(words);
  for (const made of [text, html]) expect(made).not.toMatch(/If this was you|Open your account|your-account/);
});

test('tells whose single sign-on was unlinked to sign in again, and nothing that they cannot do', async () => {
  const notice = 'single_sign_on_forgotten';
  const { subject, text, html } = await securityNoticeEmail({ ...input, notice });
  expect(subject).toBe('Your single sign-on was unlinked: your Stagedoor account at Northgate Gas & Power');
  for (const words of [
    '14:05 UTC. A Settings Administrator does that',
    'When you sign in by single sign-on again',
    input.link,
  ])
    expect(text).toContain(words);
  for (const made of [text, html]) expect(made).not.toMatch(/If this was you|change your password/);
});

test('tells whoever did not begin single sign-on who can end it', async () => {
  const { text } = await securityNoticeEmail({ ...input, notice: 'single_sign_on_linked' });
  expect(text).toContain('Ask a Settings Administrator of your organisation at once to end that');
  expect(text).not.toContain('remove every passkey');
});

test('is the same bytes for the same input', async () => {
  const make = () => securityNoticeEmail({ ...input, notice: 'totp_added' });
  expect(await make()).toEqual(await make());
});
