import { z } from 'zod';
import { MAX_PER_ACCOUNT, MAX_PER_DAY, parseDailyLimit } from './limits.ts';

/** Where the rules are changed: the address, and how sentences call it. */
export const TEXT_MESSAGES_PATH = '/settings/text-messages';
export const TEXT_MESSAGES_PLACE = 'Settings › Text messages';

/** A ceiling as a form has it, as text, or as the table does. */
const ceilingSchema = (most: number) => {
  const error = `Enter a whole number from 0 to ${most.toLocaleString('en-GB')}. With 0, no text is sent.`;
  return z.union([z.string(), z.number()], { error }).transform((typed, context) => {
    const ceiling = parseDailyLimit(typed, most);
    if (ceiling !== undefined) return ceiling;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
};

export const smsPolicySchema = z.object({
  /** What the editor saw when it was opened; 0: nobody had saved any yet. */
  version: z.int().min(0),
  /** ISO 3166-1 alpha-2; whether there is such a country takes the numbering plans, on the server. */
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)).max(300),
  perDay: ceilingSchema(MAX_PER_DAY),
  perAccountPerDay: ceilingSchema(MAX_PER_ACCOUNT),
});

export type NewSmsPolicy = z.infer<typeof smsPolicySchema>;

/** Where texts may go and how many a day (in UTC). */
export type SmsPolicy = {
  /** Besides the organisation's own. ISO 3166-1 alpha-2, in alphabetical order. */
  countries: string[];
  /** For the installation; 0: none. */
  perDay: number;
  /** For one account; 0: none. */
  perAccountPerDay: number;
  /** Goes up with each change; 0: the defaults, which nobody has changed yet. */
  version: number;
};

/** A country as a list shows it. `callingCode`: digits, without the +. */
export type Country = { code: string; name: string; callingCode: string };

/** What became of a day's texts, against the ceiling. `refused`: by our own rules. */
export type SmsUsage = { queued: number; refused: number; perDay: number };
