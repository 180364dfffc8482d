'use server';
import { openContactChange, reportChange } from '#lib/api-accounts/contact-changes/report.ts';
import { changeLinkSchema } from '#lib/api-accounts/contact-changes/schema.ts';
import { readClientIpAddress, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { enforceRateLimit } from '../enforce-rate-limit.ts';

// These actions are public: the link's token is the only authorization.

const TEN_MINUTES = 10 * 60;
/** Rate limits per client IP address, against an attacker who tries many links. */
const LIMITS = {
  open: { name: 'change-report-open', points: 600, seconds: TEN_MINUTES },
  report: { name: 'change-report-submit', points: 60, seconds: TEN_MINUTES },
} as const;

const INVALID_LINK = { ok: false, reason: 'invalid_link' } as const;

/** Returns the contact change that a notice's link is about. Changes nothing, because mail scanners open links too. */
export async function openChangeNotice(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.open);
  if (!rateLimit.ok) return rateLimit;
  const parsed = changeLinkSchema.safeParse(input);
  return parsed.success ? openContactChange(publicDatabase(), parsed.data.token) : INVALID_LINK;
}

/** Reports the contact change that a notice's link is about as unauthorised. */
export async function submitChangeReport(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.report);
  if (!rateLimit.ok) return rateLimit;
  const parsed = changeLinkSchema.safeParse(input);
  return parsed.success
    ? reportChange(publicDatabase(), parsed.data.token, await readClientIpAddress())
    : INVALID_LINK;
}
