import {
  COPY_HINT,
  type EmailContent,
  formatDateTime,
  richText,
  strong,
  type TextPart,
  toOneLine,
} from './format.ts';

type LeakedKey = { key: 'current' | 'previous'; username: string; hasNewKey: boolean };

/** A leak of an API key or an access token. `trustedUrl`: where GitHub found it. `link`: where an administrator acts. */
export type LeakReportEmailInput = {
  organisation: string;
  subject: LeakedKey | { accessToken: string };
  source: 'page' | 'api' | 'github';
  trustedUrl: string | null;
  leakedAt: Date;
  link: string;
};

const REPORTERS = {
  page: 'someone on the page for leaked keys',
  api: 'a program',
  github: 'GitHub',
};

/** The parts of the email that depend on what leaked. */
type Description = Pick<EmailContent, 'heading' | 'preview'> & {
  subject: string;
  /** The start of a sentence, up to "was reported". */
  name: TextPart[];
  advice: string[];
  button: string;
};

function describeToken(accessToken: string): Description {
  const name = toOneLine(accessToken);
  return {
    subject: `The access token ${name} leaked and was revoked`,
    heading: 'An access token leaked',
    preview: 'It no longer works. Check what it was used for.',
    name: richText`The access token ${strong(name)}`,
    advice: [
      'Anyone who has it could manage API accounts with its scopes. Check in the audit log what was done with it.',
      'Programs that use it no longer work. Create a new token for them, and remove the leaked one where it was published.',
    ],
    button: 'Open access tokens',
  };
}

function describeKey({ key, hasNewKey, ...subject }: LeakedKey): Description {
  const username = toOneLine(subject.username);
  const isCurrent = key === 'current';
  const newKey = hasNewKey ? 'Their new key still works.' : 'They haven’t collected the new key yet.';
  return {
    subject: `The API key of ${username} leaked and no longer works`,
    heading: 'An API key leaked',
    preview: isCurrent ? 'Their requests are refused until they have a new key.' : newKey,
    name: richText`The ${isCurrent ? '' : 'old '}API key of ${strong(username)}`,
    advice: [
      isCurrent
        ? 'Their requests are refused until they have a new key. To send them a new link and code, select the button and confirm.'
        : `It was the key before the last reset. ${newKey}`,
      'Anyone who has the key could use it until now: check the usage of the account. We’ve told the company by email.',
    ],
    button: isCurrent ? 'Send a new key' : 'Open the API account',
  };
}

function buildContent(input: LeakReportEmailInput): EmailContent {
  const { subject: leaked, source, trustedUrl, leakedAt, link } = input;
  const { name, advice, ...description } =
    'accessToken' in leaked ? describeToken(leaked.accessToken) : describeKey(leaked);
  return {
    ...description,
    organisation: toOneLine(input.organisation),
    paragraphs: [
      [
        ...name,
        ...richText` was reported as leaked on ${strong(formatDateTime(leakedAt))} by ${REPORTERS[source]}. It stopped working immediately.`,
      ],
      ...(trustedUrl === null ? [] : [richText`GitHub found it here: ${strong(trustedUrl)}.`]),
      ...advice.map((sentence) => [sentence]),
    ],
    copyHint: COPY_HINT,
    link,
    afterLink: [],
    warnings: [{ title: 'Who gets this email.', text: 'Every Settings Administrator.' }],
  };
}

/**
 * Renders the email that tells an administrator that an API key or an access token leaked. It contains neither. Equal input
 * gives identical bytes, because Resend compares a retry with the first attempt.
 */
export async function renderLeakReportEmail(
  input: LeakReportEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const { renderEmail } = await import('./layout.tsx');
  return renderEmail(buildContent(input));
}
