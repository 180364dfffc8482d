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
import { readReveal } from './read.ts';
import type { RevealView } from './schema.ts';

type OpenResult =
  | { ok: true; view: RevealView; openingId: string | null }
  | { ok: false; reason: 'used'; usedAt: string }
  | { ok: false; reason: 'invalid_link' };

/**
 * Records that a valid link was opened, at most `OPENINGS_PER_LINK` times per link.
 * @returns the opening's id; null if the link is no longer valid or already has that many openings
 */
async function recordOpening(database: Database, revealId: string): Promise<string | null> {
  return withTransaction(database, async (transaction) => {
    const updatedReveals = await transaction
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
    if (updatedReveals.length === 0) return null;
    const openingId = uuidv7();
    await transaction.insert(linkOpenings).values({ id: openingId, revealId });
    return openingId;
  });
}

/** Records the opening. An error is only logged, because the integrator must still get the page. */
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
 * @returns `used` if the link has shown the account's current key; `invalid_link` for an unknown, malformed, replaced,
 *   locked or expired link, so that they cannot be distinguished; `openingId`: to pass to `recordInteractionByLink`, null
 *   if the opening was not recorded
 */
export async function openReveal(database: Database, token: string): Promise<OpenResult> {
  const revealId = readLinkToken('reveal', token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'invalid_link' };
  const reveal = await readReveal(database, revealId);
  if (reveal.state === 'used') return { ok: false, reason: 'used', usedAt: reveal.usedAt };
  if (reveal.state === 'invalid_link') return { ok: false, reason: 'invalid_link' };
  return { ok: true, view: reveal.view, openingId: await tryToRecordOpening(database, revealId) };
}

/**
 * Records the first interaction with the page of an opening. It distinguishes an integrator from a mail scanner, which
 * opens links but does not interact with the page. Ignores an opening of another reveal.
 * @returns whether this call recorded the interaction
 */
export async function recordInteraction(
  database: Database,
  { revealId, openingId }: { revealId: string; openingId: string },
): Promise<boolean> {
  const updatedOpenings = await database
    .update(linkOpenings)
    .set({ interactedAt: sql`now()` })
    .where(
      and(
        eq(linkOpenings.id, openingId),
        eq(linkOpenings.revealId, revealId),
        isNull(linkOpenings.interactedAt),
      ),
    )
    .returning({ id: linkOpenings.id });
  return updatedOpenings.length > 0;
}

/** Records the first interaction with the page of an opening, for a caller that has the link's token. */
export async function recordInteractionByLink(
  database: Database,
  { token, openingId }: { token: string; openingId: string },
): Promise<boolean> {
  const revealId = readLinkToken('reveal', token, settings().authSecret);
  return revealId !== null && recordInteraction(database, { revealId, openingId });
}
