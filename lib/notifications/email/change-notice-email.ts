import { en, type IntegratorMessages } from '#lib/notifications/message-catalogue/en.ts';
import { toOneLine } from './format.ts';

/** A change of an account's contact details, and the link to report it as unauthorised. */
export type ChangeNoticeEmailInput = {
  organisation: string;
  username: string;
  isEmailChanged: boolean;
  isPhoneChanged: boolean;
  changedAt: Date;
  link: string;
  linkExpiresAt: Date;
};

/**
 * Renders the email that notifies an account's previous address of a change. It contains no key, no code, no reveal
 * link, and neither the new address nor the new number. Equal input gives identical bytes, because Resend compares a
 * retry with the first attempt.
 */
export async function renderChangeNoticeEmail(
  { link, ...input }: ChangeNoticeEmailInput,
  messages: IntegratorMessages = en,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  const organisation = toOneLine(input.organisation);
  const text = messages.changeNoticeEmail({ ...input, organisation, username: toOneLine(input.username) });
  return renderEmail({ organisation, ...text, link }, messages.language);
}
