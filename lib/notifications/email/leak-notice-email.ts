import { en, type IntegratorMessages } from '#lib/notifications/message-catalogue/en.ts';
import { toOneLine } from './format.ts';

/** A leak of an integrator's API key. `trustedUrl`: where GitHub found it. `hasNewKey`: whether there is a newer key. */
export type LeakNoticeEmailInput = {
  organisation: string;
  username: string;
  key: 'current' | 'previous';
  hasNewKey: boolean;
  trustedUrl: string | null;
  leakedAt: Date;
};

/**
 * Renders the email that tells an integrator that its key leaked and was revoked. It has no link, no key and no code. Equal
 * input gives identical bytes, because Resend compares a retry with the first attempt.
 */
export async function renderLeakNoticeEmail(
  input: LeakNoticeEmailInput,
  messages: IntegratorMessages = en,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  const { key, hasNewKey, trustedUrl: url, leakedAt } = input;
  const organisation = toOneLine(input.organisation);
  const username = toOneLine(input.username);
  const isOldKey = key === 'previous';
  const text = messages.leakNoticeEmail({ organisation, username, leakedAt, url, isOldKey, hasNewKey });
  return renderEmail({ organisation, ...text, link: null }, messages.language);
}
