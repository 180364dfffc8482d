'use server';
import { followUserLink } from '#lib/identity/passwords/follow-link.ts';
import { openUserLink } from '#lib/identity/passwords/open-link.ts';
import { followUserLinkSchema, userLinkSchema } from '#lib/identity/passwords/schema.ts';
import { requireLocalAuth, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { clientAddress } from '#lib/identity/sessions/session.ts';
import { database } from '#lib/platform/database.ts';
import { enforceRateLimit } from './enforce-rate-limit.ts';

// Public: whoever holds the link may ask. What each answers depends on the link alone.

const ENDED = { ok: false, reason: 'ended' } as const;

/** What a link is for, and whose. Changes nothing. */
export async function openPasswordLink(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const turn = await enforceRateLimit('look');
  if (!turn.ok) return turn;
  const parsed = userLinkSchema.safeParse(input);
  return parsed.success ? openUserLink(database(), parsed.data.token) : ENDED;
}

/** Sets the password of whoever holds the link, and uses the link up. */
export async function setNewPassword(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const turn = await enforceRateLimit('set');
  if (!turn.ok) return turn;
  const parsed = followUserLinkSchema.safeParse(input);
  if (!parsed.success) return ENDED;
  return followUserLink(database(), { ...parsed.data, address: await clientAddress() });
}
