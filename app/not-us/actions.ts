'use server';
import { openContactChange } from '#lib/api-accounts/contact-changes/open.ts';
import { reportChange } from '#lib/api-accounts/contact-changes/report.ts';
import { changeLinkSchema } from '#lib/api-accounts/contact-changes/schema.ts';
import { requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { clientAddress } from '#lib/identity/sessions/session.ts';
import { database } from '#lib/platform/database.ts';
import { enforceRateLimit } from './enforce-rate-limit.ts';

// Public: whoever holds the link may ask. What each answers depends on the link alone.

const ENDED = { ok: false, reason: 'ended' } as const;

/** Which change stands behind a link. Changes nothing. */
export async function openChangeNotice(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const turn = await enforceRateLimit('look');
  if (!turn.ok) return turn;
  const parsed = changeLinkSchema.safeParse(input);
  return parsed.success ? openContactChange(database(), parsed.data.token) : ENDED;
}

/** Tells the administrators that the change behind a link was not theirs who were told of it. */
export async function submitChangeReport(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const turn = await enforceRateLimit('object');
  if (!turn.ok) return turn;
  const parsed = changeLinkSchema.safeParse(input);
  return parsed.success ? reportChange(database(), parsed.data.token, await clientAddress()) : ENDED;
}
