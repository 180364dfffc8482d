import { type EmailContent, formatDateTime, toOneLine } from './format.ts';

/** `link`: has its token in the fragment. */
export type RevealEmailInput = { organisation: string; username: string; link: string; expiresAt: Date };

function buildContent(input: RevealEmailInput): EmailContent {
  const organisation = toOneLine(input.organisation);
  const username = toOneLine(input.username);
  return {
    organisation,
    subject: `Your API key from ${organisation}`,
    preview: 'Open the link, then enter the code that we have sent to your phone.',
    heading: 'See your API key',
    paragraphs: [
      [`${organisation} gives you access to its API, as `, { strong: username }, '.'],
      [
        'We have sent a code of 6 digits to your phone by text message. Open the link and enter the code: the page then shows your API key. It shows it only once, so have a safe place for it ready, such as a password manager.',
      ],
    ],
    button: 'See your API key',
    copyHint: 'Or copy this address into your browser:',
    link: input.link,
    afterLink: [
      [
        'This link is good for 24 hours, until ',
        { strong: formatDateTime(input.expiresAt) },
        `. The code lasts for 10 minutes; the page can send you another. If the link has ended, ask ${organisation} to reset your API key.`,
      ],
    ],
    warnings: [
      {
        title: 'Keep it to yourself.',
        text: `Nobody will ever ask you for the key or for the code, not even ${organisation}. Do not forward this email.`,
      },
      {
        title: 'Not expecting this?',
        text: `Then do nothing: without the code, the link shows no key. Please let ${organisation} know.`,
      },
    ],
  };
}

/**
 * Renders the email with the link to the reveal page. It contains neither the API key nor the authentication code.
 * Equal input gives identical bytes.
 */
export async function revealEmail(
  input: RevealEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
