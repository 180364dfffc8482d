import { settings } from '#lib/settings.ts';
import { outboxFolder, writeToOutbox } from './outbox.ts';
import { sendByResend } from './resend.ts';
import type { Email, Sent } from './sent.ts';
import { sendBySmtp } from './smtp.ts';

/** Sends an email by the provider of the settings. Failures are answers; nothing is thrown. */
export async function sendEmail(email: Email): Promise<Sent> {
  const { email: account, dataFolder } = settings();
  if (account.provider === 'resend') return sendByResend(account, email);
  if (account.provider === 'smtp') return sendBySmtp(account, email);
  return writeToOutbox(outboxFolder(dataFolder), { ...email, channel: 'email' });
}
