import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';

/** Texts that all pages behind a link share. */
export const links = {
  loading: 'Opening your link…',
  needsJavaScript: 'This page needs JavaScript. Turn it on and reload the page.',
  tryAgain: 'Try again',
  sending: 'Sending…',
  invalid: 'This link doesn’t work',
  incomplete: 'This link is incomplete',
  incompleteAdvice: 'Copy all of it from the email, and open it again.',
  /** The server was updated after the page had been loaded. */
  updated: 'Stagedoor was updated. Reload this page.',
  serverError: 'Something went wrong on our side. Try again in a minute.',
  noResponse: 'We couldn’t reach the server. Check your connection and try again.',
  rateLimited: ({ seconds }: { seconds: number }) => describeRateLimit(seconds),
};

export const copyButton = {
  copy: 'Copy',
  copied: 'Copied',
  failed: 'Your browser blocked copying. Select the text and copy it yourself.',
};
