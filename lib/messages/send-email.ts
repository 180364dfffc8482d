import { settings } from '#lib/settings.ts';
import { outboxFolder, writeToOutbox } from './outbox.ts';
import type { Email, Sent } from './sent.ts';

/** `deadline`: how many milliseconds the provider may take to answer. */
type SendEmail = (email: Email, deadline?: number) => Promise<Sent>;

/** Loads the provider of the settings, and what emails are laid out with: neither takes memory before the first email. */
export async function loadEmailSender(): Promise<SendEmail> {
  const { email: account, dataFolder } = settings();
  await import('./email-layout.tsx');
  if (account.provider === 'resend') {
    const { sendByResend } = await import('./resend.ts');
    return (email, deadline) => sendByResend(account, email, deadline);
  }
  if (account.provider === 'smtp') {
    const { sendBySmtp } = await import('./smtp.ts');
    return (email, deadline) => sendBySmtp(account, email, deadline);
  }
  return (email) => writeToOutbox(outboxFolder(dataFolder), { ...email, channel: 'email' });
}

/** Sends an email by the provider of the settings. Failures are answers; nothing is thrown. */
export const sendEmail: SendEmail = async (email, deadline) => {
  const send = await loadEmailSender();
  return send(email, deadline);
};
