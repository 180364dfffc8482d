import { z } from 'zod';
import { checkLeakedText, checkLeakUrl, type LeakReport } from './check-input.ts';

const createCheckedSchema = (check: (text: string) => string | undefined) =>
  z.string().refine((text) => check(text) === undefined, { error: ({ input }) => check(String(input)) });

/** Validates what a person enters on the page for leaked keys. The browser checks the same with `checkLeakReport`. */
export const leakReportSchema: z.ZodType<LeakReport> = z.object({
  text: createCheckedSchema(checkLeakedText),
  url: createCheckedSchema(checkLeakUrl),
});

/** A well-formed key or access token in a report. `url`: where it was found, as `sanitizeLeakUrl` returns it. */
export type ReportedKey = { key: string; url: string | null };
