import { z } from 'zod';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The query parameter `limit`. */
export const limitSchema = z.coerce
  .number({ error: 'Enter a whole number.' })
  .int()
  .min(1)
  .max(MAX_LIMIT)
  .default(DEFAULT_LIMIT)
  .meta({ description: 'Entries per page.' });

/** Creates the schema of a page of a list. */
export const createPageSchema = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({
    data: z.array(entry),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Send it as `cursor` for the next page. null on the last page.' }),
  });
