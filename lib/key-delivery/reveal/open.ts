import type { Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from '#lib/platform/log.ts';
import { readLinkToken } from './derive.ts';
import { recordOpening } from './record-opening.ts';
import type { RevealView } from './schema.ts';
import { readReveal } from './view.ts';

/** The opening's id; null where it could not be written, which must not keep the integrator from the page. */
async function tryToRecord(database: Database, revealId: string): Promise<string | null> {
  try {
    return await recordOpening(database, revealId);
  } catch (error) {
    log.warn('reveal.opening_not_written', { reason: error instanceof Error ? error.name : '' });
    return null;
  }
}

/**
 * What the reveal page shows when a link is opened. Of a live link the opening is written down, and no more comes
 * of it: mail scanners open links too.
 * @returns `ended` alike for an unknown, malformed, used, replaced, locked or late link; `opening`: what to name
 *   when the page is touched, where it was written
 */
export async function openReveal(
  database: Database,
  token: string,
): Promise<{ ok: true; view: RevealView; opening: string | null } | { ok: false; reason: 'ended' }> {
  const revealId = readLinkToken(token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'ended' };
  const reveal = await readReveal(database, revealId);
  if (reveal.state !== 'open') return { ok: false, reason: 'ended' };
  return { ok: true, view: reveal.view, opening: await tryToRecord(database, revealId) };
}
