import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from './derive.ts';

/**
 * Writes down that somebody touched a page on which a link was opened: a mail scanner opens links, and touches
 * nothing. Once for each opening, and only for who holds that very link.
 * @returns whether it was this call that wrote it
 */
export async function touchOpening(
  database: Database,
  { token, opening }: { token: string; opening: string },
): Promise<boolean> {
  const revealId = readLinkToken(token, settings().authSecret);
  if (!revealId) return false;
  const touched = await database
    .update(linkOpenings)
    .set({ touchedAt: sql`now()` })
    .where(
      and(eq(linkOpenings.id, opening), eq(linkOpenings.revealId, revealId), isNull(linkOpenings.touchedAt)),
    )
    .returning({ id: linkOpenings.id });
  return touched.length > 0;
}
