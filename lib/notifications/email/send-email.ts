import { getOutboxFolder, writeToOutbox } from '#lib/notifications/providers/outbox.ts';
import type { Email, SendResult } from '#lib/notifications/providers/send-result.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** `timeoutMs`: how long the provider may take to respond. */
type SendEmail = (email: Email, timeoutMs?: number) => Promise<SendResult>;

/**
 * Returns a function that sends by the configured provider. Loads the email layout and the provider's SDK on first use,
 * to save memory.
 */
export async function loadEmailSender(): Promise<SendEmail> {
  const { email: emailSettings, dataFolder } = settings();
  await import('./layout.tsx');
  switch (emailSettings.provider) {
    case 'resend': {
      const { sendByResend } = await import('#lib/notifications/providers/resend.ts');
      return (email, timeoutMs) => sendByResend(emailSettings, email, timeoutMs);
    }
    case 'smtp': {
      const { sendBySmtp } = await import('#lib/notifications/providers/smtp.ts');
      return (email, timeoutMs) => sendBySmtp(emailSettings, email, timeoutMs);
    }
    case 'outbox':
      return (email) => writeToOutbox(getOutboxFolder(dataFolder), { ...email, channel: 'email' });
  }
}

/** Sends an email by the configured provider. Returns failures instead of throwing them. */
export const sendEmail: SendEmail = async (email, timeoutMs) => {
  const send = await loadEmailSender();
  return send(email, timeoutMs);
};
