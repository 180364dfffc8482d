import { settings } from '#lib/settings.ts';
import { outboxFolder, writeToOutbox } from './outbox.ts';
import type { Email, Sent } from './sent.ts';

type SendEmail = (email: Email) => Promise<Sent>;

/** Loads the provider of the settings, and what emails are laid out with: neither takes memory before the first email. */
export async function loadEmailSender(): Promise<SendEmail> {
  const { email: account, dataFolder } = settings();
  await import('./email-layout.tsx');
  if (account.provider === 'resend') {
    const { sendByResend } = await import('./resend.ts');
    return (email) => sendByResend(account, email);
  }
  if (account.provider === 'smtp') {
    const { sendBySmtp } = await import('./smtp.ts');
    return (email) => sendBySmtp(account, email);
  }
  return (email) => writeToOutbox(outboxFolder(dataFolder), { ...email, channel: 'email' });
}

/** Sends an email by the provider of the settings. Failures are answers; nothing is thrown. */
export async function sendEmail(email: Email): Promise<Sent> {
  const send = await loadEmailSender();
  return send(email);
}
