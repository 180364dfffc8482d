import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from './derive.ts';

/**
 * Records the first interaction with an opened page. It distinguishes an integrator from a mail scanner, which
 * opens links but does not interact. The token must be that of the opening's own link.
 * @returns whether this call recorded it
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
