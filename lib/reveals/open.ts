import type { Database } from '#db/client.ts';
import { settings } from '#lib/settings.ts';
import { readLinkToken } from './derive.ts';
import type { RevealView } from './schema.ts';
import { readReveal } from './view.ts';

/**
 * What the reveal page shows when a link is opened. It reads and no more: mail scanners open links too.
 * @returns `ended` alike for an unknown, malformed, used, replaced, locked or late link
 */
export async function openReveal(
  database: Database,
  token: string,
): Promise<{ ok: true; view: RevealView } | { ok: false; reason: 'ended' }> {
  const revealId = readLinkToken(token, settings().authSecret);
  if (!revealId) return { ok: false, reason: 'ended' };
  const reveal = await readReveal(database, revealId);
  return reveal.state === 'open' ? { ok: true, view: reveal.view } : { ok: false, reason: 'ended' };
}
