import { COPY_HINT, type EmailContent, richText, strong, toOneLine } from './format.ts';

/** `endpoint`: the origin of its URL. `reason`: it failed for days, or responded with 410. */
export type WebhookDisabledEmailInput = {
  organisation: string;
  endpoint: string;
  description: string;
  reason: 'failing' | 'gone';
  link: string;
};

const REASONS = {
  failing: 'No event could be delivered to it for five days.',
  gone: 'It responded with the status 410, which means that it no longer wants events.',
};

function buildContent({
  organisation,
  endpoint,
  description,
  reason,
  link,
}: WebhookDisabledEmailInput): EmailContent {
  const note = description ? ` (${toOneLine(description)})` : '';
  const heading = 'A webhook endpoint was disabled';
  return {
    organisation: toOneLine(organisation),
    subject: heading,
    preview: REASONS[reason],
    heading,
    paragraphs: [
      richText`We’ve stopped sending events to the webhook endpoint ${strong(endpoint)}${note}. ${REASONS[reason]}`,
      [
        'Events from now on are not sent to it, and are not kept for it. When it works again, send a test event, then enable it. Events that failed in the last 30 days can be sent again from its delivery log.',
      ],
    ],
    button: 'Open the webhook endpoints',
    copyHint: COPY_HINT,
    link,
    afterLink: [],
    warnings: [{ title: 'Who gets this email.', text: 'Every Settings Administrator.' }],
  };
}

/**
 * Renders the email that notifies an administrator that a webhook endpoint was disabled. Equal input gives identical bytes,
 * because Resend compares a retry with the first attempt.
 */
export async function renderWebhookDisabledEmail(
  input: WebhookDisabledEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
