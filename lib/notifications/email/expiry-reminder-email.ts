import { en, type IntegratorMessages } from '#lib/notifications/message-catalogue/en.ts';
import { toOneLine } from './format.ts';

/** An account that expires. `timeZone`: the organisation's (IANA name). */
export type ExpiryReminderEmailInput = {
  organisation: string;
  username: string;
  expiresAt: Date;
  timeZone: string;
};

/**
 * Renders the email that reminds an integrator of the expiry of its account. It has no link, no key and no code. Equal
 * input gives identical bytes, because Resend compares a retry with the first attempt.
 */
export async function renderExpiryReminderEmail(
  input: ExpiryReminderEmailInput,
  messages: IntegratorMessages = en,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  const { expiresAt, timeZone } = input;
  const organisation = toOneLine(input.organisation);
  const username = toOneLine(input.username);
  const text = messages.expiryReminderEmail({ organisation, username, expiresAt, timeZone });
  return renderEmail({ organisation, ...text, link: null }, messages.language);
}
