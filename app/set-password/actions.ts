'use server';
import { followEmailLink } from '#lib/identity/passwords/follow-email-link.ts';
import { readEmailLink } from '#lib/identity/passwords/read-email-link.ts';
import { emailLinkSchema, followEmailLinkSchema } from '#lib/identity/passwords/schema.ts';
import {
  readClientIpAddress,
  requireLocalAuth,
  requireSameOrigin,
} from '#lib/identity/sessions/require-role.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { enforceRateLimit } from '../enforce-rate-limit.ts';

// These actions are public: the link's token is the only authorization.

const TEN_MINUTES = 10 * 60;
/** Rate limits per client IP address, against an attacker who tries many links. */
const LIMITS = {
  open: { name: 'set-password-open', points: 600, seconds: TEN_MINUTES },
  set: { name: 'set-password-set', points: 60, seconds: TEN_MINUTES },
} as const;

const INVALID_LINK = { ok: false, reason: 'invalid_link' } as const;

/**
 * Returns the user of an email link, and whether it is an invitation or a password reset. Has no side effects, because
 * mail scanners open links too.
 */
export async function openEmailLink(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const rateLimit = await enforceRateLimit(LIMITS.open);
  if (!rateLimit.ok) return rateLimit;
  const parsed = emailLinkSchema.safeParse(input);
  return parsed.success ? readEmailLink(publicDatabase(), parsed.data.token) : INVALID_LINK;
}

/** Sets the password of the link's user and invalidates the link. */
export async function setNewPassword(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const rateLimit = await enforceRateLimit(LIMITS.set);
  if (!rateLimit.ok) return rateLimit;
  const parsed = followEmailLinkSchema.safeParse(input);
  if (!parsed.success) return INVALID_LINK;
  return followEmailLink(publicDatabase(), { ...parsed.data, ipAddress: await readClientIpAddress() });
}
