import { outboxFolder, writeToOutbox } from '#lib/notifications/providers/outbox.ts';
import type { Email, Sent } from '#lib/notifications/providers/sent.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** `deadline`: how many milliseconds the provider may take to answer. */
type SendEmail = (email: Email, deadline?: number) => Promise<Sent>;

/** Loads the provider of the settings, and what emails are laid out with: neither takes memory before the first email. */
export async function loadEmailSender(): Promise<SendEmail> {
  const { email: account, dataFolder } = settings();
  await import('./layout.tsx');
  if (account.provider === 'resend') {
    const { sendByResend } = await import('#lib/notifications/providers/resend.ts');
    return (email, deadline) => sendByResend(account, email, deadline);
  }
  if (account.provider === 'smtp') {
    const { sendBySmtp } = await import('#lib/notifications/providers/smtp.ts');
    return (email, deadline) => sendBySmtp(account, email, deadline);
  }
  return (email) => writeToOutbox(outboxFolder(dataFolder), { ...email, channel: 'email' });
}

/** Sends an email by the provider of the settings. Failures are answers; nothing is thrown. */
export const sendEmail: SendEmail = async (email, deadline) => {
  const send = await loadEmailSender();
  return send(email, deadline);
};
