import { en, type IntegratorMessages } from '#lib/notifications/message-catalogue/en.ts';
import { formatDateTime, toOneLine } from './format.ts';

/**
 * `link`: has its token in the fragment. `codeMinutes`: the lifetime of a code. `oldKey`: until when the key before works
 * (`OldKeyEnd`); null if none does.
 */
export type RevealEmailInput = {
  organisation: string;
  username: string;
  link: string;
  expiresAt: Date;
  codeMinutes: number;
  oldKey: { expiresAt: string; endsOn: 'collection' | 'first_use' | null } | null;
};

/**
 * Renders the email with the link to the reveal page. It contains neither the API key nor the authentication code.
 * Equal input gives identical bytes, because Resend compares a retry with the first attempt.
 */
export async function renderRevealEmail(
  { link, oldKey, ...input }: RevealEmailInput,
  messages: IntegratorMessages = en,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  const organisation = toOneLine(input.organisation);
  const text = messages.revealEmail({
    ...input,
    organisation,
    username: toOneLine(input.username),
    oldKey: oldKey && { endsOn: oldKey.endsOn, until: formatDateTime(new Date(oldKey.expiresAt)) },
  });
  return renderEmail({ organisation, ...text, link }, messages.language);
}
