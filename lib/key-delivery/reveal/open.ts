import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { OPENINGS_PER_LINK } from './limits.ts';
import type { RevealView } from './schema.ts';
import { readReveal } from './view.ts';

/**
 * Records that a valid link was opened, at most 20 times per link.
 * @returns the opening's id; null if the link is no longer valid or has 20 openings already
 */
async function recordOpening(database: Database, revealId: string): Promise<string | null> {
  return withTransaction(database, async (transaction) => {
    const counted = await transaction
      .update(reveals)
      .set({ openings: sql`${reveals.openings} + 1` })
      .where(
        and(
          eq(reveals.id, revealId),
          isNull(reveals.endedAt),
          gt(reveals.expiresAt, sql`now()`),
          lt(reveals.openings, OPENINGS_PER_LINK),
        ),
      )
      .returning({ id: reveals.id });
    if (counted.length === 0) return null;
    const id = uuidv7();
    await transaction.insert(linkOpenings).values({ id, revealId });
    return id;
  });
}

/** Records the opening; returns null on an error, because the integrator must still get the page. */
async function tryToRecordOpening(database: Database, revealId: string): Promise<string | null> {
  try {
    return await recordOpening(database, revealId);
  } catch (error) {
    log.warn('reveal.opening_not_recorded', { reason: error instanceof Error ? error.name : '' });
    return null;
  }
}

/**
 * Returns what the reveal page shows when a link is opened, and records the opening.
 * An opening has no other effect, because mail scanners open links too.
 * @returns `ended` for an unknown, malformed, used, replaced, locked or expired link, so that they cannot be
 *   distinguished; `opening`: the id to pass to `recordInteractionByLink`; null if the opening was not recorded
 */
export async function openReveal(
  database: Database,
  token: string,
): Promise<{ ok: true; view: RevealView; opening: string | null } | { ok: false; reason: 'ended' }> {
  const revealId = readLinkToken('reveal', token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'ended' };
  const reveal = await readReveal(database, revealId);
  if (reveal.state !== 'open') return { ok: false, reason: 'ended' };
  return { ok: true, view: reveal.view, opening: await tryToRecordOpening(database, revealId) };
}

/**
 * Records the first interaction with an opened page. It distinguishes an integrator from a mail scanner, which
 * opens links but does not interact. The opening must be one of the reveal's own.
 * @returns whether this call recorded it
 */
export async function recordInteraction(
  database: Database,
  { revealId, opening }: { revealId: string; opening: string },
): Promise<boolean> {
  const recorded = await database
    .update(linkOpenings)
    .set({ touchedAt: sql`now()` })
    .where(
      and(eq(linkOpenings.id, opening), eq(linkOpenings.revealId, revealId), isNull(linkOpenings.touchedAt)),
    )
    .returning({ id: linkOpenings.id });
  return recorded.length > 0;
}

/** Records the first interaction with an opened page, for a caller that has the link's token. */
export async function recordInteractionByLink(
  database: Database,
  { token, opening }: { token: string; opening: string },
): Promise<boolean> {
  const revealId = readLinkToken('reveal', token, settings().authSecret);
  return revealId !== null && recordInteraction(database, { revealId, opening });
}
