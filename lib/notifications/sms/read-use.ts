import { and, eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { textCounts } from '#db/schema/text-rules.ts';
import { readTextRules } from './read-policy.ts';
import type { TextUse } from './schema.ts';
import { ALL, TODAY } from './take-text.ts';

/** How many of today's texts (in UTC) are used for the installation, and how many were refused. */
export async function readTextUse(database: Queryable): Promise<TextUse> {
  const { perDay } = await readTextRules(database);
  const [counted] = await database
    .select({ queued: textCounts.queued, refused: textCounts.refused })
    .from(textCounts)
    .where(and(eq(textCounts.scope, ALL), eq(textCounts.day, TODAY)));
  return { queued: counted?.queued ?? 0, refused: counted?.refused ?? 0, perDay };
}
