'use server';
import { followUserLink } from '#lib/identity/passwords/follow-link.ts';
import { openUserLink } from '#lib/identity/passwords/open-link.ts';
import { followUserLinkSchema, userLinkSchema } from '#lib/identity/passwords/schema.ts';
import { clientAddress, requireLocalAuth, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { enforceRateLimit } from '../enforce-rate-limit.ts';

// Public: the link's token is the only authorization.

const TEN_MINUTES = 10 * 60;
/** Limits per client IP address, against an attacker who tries many links. */
const LIMITS = {
  open: { name: 'set-password-look', points: 600, seconds: TEN_MINUTES },
  set: { name: 'set-password-set', points: 60, seconds: TEN_MINUTES },
} as const;

const INVALID_LINK = { ok: false, reason: 'ended' } as const;

/** Returns the purpose and the user of a link. Has no side effects, because mail scanners open links too. */
export async function openEmailLink(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const rateLimit = await enforceRateLimit(LIMITS.open);
  if (!rateLimit.ok) return rateLimit;
  const parsed = userLinkSchema.safeParse(input);
  return parsed.success ? openUserLink(database(), parsed.data.token) : INVALID_LINK;
}

/** Sets the password of the link's user and invalidates the link. */
export async function setNewPassword(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const rateLimit = await enforceRateLimit(LIMITS.set);
  if (!rateLimit.ok) return rateLimit;
  const parsed = followUserLinkSchema.safeParse(input);
  if (!parsed.success) return INVALID_LINK;
  return followUserLink(database(), { ...parsed.data, address: await clientAddress() });
}
