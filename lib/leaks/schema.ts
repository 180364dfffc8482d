import { z } from 'zod';
import { sanitizeLeakUrl } from './sanitize-url.ts';

/** Much more than a configuration file or a part of a log that someone pastes. */
const MAX_TEXT_LENGTH = 10_000;
const MAX_TYPED_URL_LENGTH = 4_000;

const TEXT_TOO_LONG = `Enter up to ${MAX_TEXT_LENGTH.toLocaleString('en-GB')} characters.`;

/** What a person enters on the page for leaked keys: the key, or text that contains it, and where it was found. */
export const leakReportSchema = z.object({
  text: z
    .string()
    .max(MAX_TEXT_LENGTH, { error: TEXT_TOO_LONG })
    .refine((text) => text.trim() !== '', { error: 'Enter the key, or text that contains it.' }),
  url: z
    .string()
    .max(MAX_TYPED_URL_LENGTH, { error: 'This address is too long.' })
    .refine((url) => url.trim() === '' || sanitizeLeakUrl(url) !== null, {
      error: 'Enter an address like https://github.com/example/project, or leave this empty.',
    }),
});

export type LeakReport = z.infer<typeof leakReportSchema>;

/** A well-formed key or access token in a report. `url`: where it was found, as `sanitizeLeakUrl` returns it. */
export type ReportedKey = { key: string; url: string | null };
