'use server';
import { requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { clientAddress } from '#lib/identity/sessions/session.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import {
  openRevealSchema,
  readCode,
  submitCodeSchema,
  touchOpeningSchema,
} from '#lib/key-delivery/reveal/schema.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { touchOpening } from '#lib/key-delivery/reveal/touch-opening.ts';
import { database } from '#lib/platform/database.ts';
import { enforceRateLimit } from './enforce-rate-limit.ts';

// Public: whoever holds the link may ask. What each answers depends on the link and the code alone.

const ENDED = { ok: false, reason: 'ended' } as const;

/** What stands behind a link. Writes down that it was opened, and changes nothing else. */
export async function openLink(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const turn = await enforceRateLimit('look');
  if (!turn.ok) return turn;
  const parsed = openRevealSchema.safeParse(input);
  return parsed.success ? openReveal(database(), parsed.data.token) : ENDED;
}

/** Somebody has touched the page on which a link was opened: it was no mail scanner. */
export async function touchPage(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const turn = await enforceRateLimit('touch');
  if (!turn.ok) return turn;
  const parsed = touchOpeningSchema.safeParse(input);
  if (!parsed.success) return ENDED;
  await touchOpening(database(), parsed.data);
  return { ok: true } as const;
}

/** Shows the key for link and code. */
export async function showKey(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const parsed = submitCodeSchema.safeParse(input);
  if (!parsed.success) return ENDED;
  // What is no code at all is no attempt, and costs no turn of the few.
  const turn = await enforceRateLimit(readCode(parsed.data.code) ? 'submit' : 'look');
  if (!turn.ok) return turn;
  return submitCode(database(), parsed.data, await clientAddress());
}

/** Texts a new code to the number that the link belongs to. */
export async function sendNewCode(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const turn = await enforceRateLimit('newCode');
  if (!turn.ok) return turn;
  const parsed = openRevealSchema.safeParse(input);
  return parsed.success ? requestNewCode(database(), parsed.data.token, await clientAddress()) : ENDED;
}
