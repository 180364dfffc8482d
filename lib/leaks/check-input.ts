import { sanitizeLeakUrl } from './sanitize-url.ts';

/** Much more than a configuration file or a part of a log that someone pastes. */
const MAX_TEXT_LENGTH = 10_000;
const MAX_TYPED_URL_LENGTH = 4_000;

/** What a person enters on the page for leaked keys: the key, or text that contains it, and where it was found. */
export type LeakReport = { text: string; url: string };

/** Returns the error of a text that should contain a key; undefined if there is none. */
export function checkLeakedText(text: string): string | undefined {
  if (text.length > MAX_TEXT_LENGTH)
    return `Enter up to ${MAX_TEXT_LENGTH.toLocaleString('en-GB')} characters.`;
  return text.trim() === '' ? 'Enter the key, or text that contains it.' : undefined;
}

/** Returns the error of the address where a key was found, which may be empty; undefined if there is none. */
export function checkLeakUrl(url: string): string | undefined {
  if (url.length > MAX_TYPED_URL_LENGTH) return 'This address is too long.';
  if (url.trim() === '' || sanitizeLeakUrl(url) !== null) return undefined;
  return 'Enter an address like https://github.com/example/project, or leave this empty.';
}

/**
 * Returns the errors of a report, by field. Does not need Zod, so that the page for leaked keys loads fast. The server
 * validates the same with `leakReportSchema`.
 */
export const checkLeakReport = ({ text, url }: LeakReport) => ({
  text: checkLeakedText(text),
  url: checkLeakUrl(url),
});
