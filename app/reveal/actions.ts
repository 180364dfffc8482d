'use server';
import { readClientIpAddress, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { readFirstRequest } from '#lib/key-delivery/key-page/first-request.ts';
import { readKeyGuide } from '#lib/key-delivery/key-page/guide.ts';
import { keyPageSchema, keyTestSchema } from '#lib/key-delivery/key-page/schema.ts';
import { testKey as sendKeyToVerifier } from '#lib/key-delivery/key-page/test-key.ts';
import { openReveal, recordInteractionByLink } from '#lib/key-delivery/reveal/open.ts';
import { requestNewCode } from '#lib/key-delivery/reveal/request-new-code.ts';
import { interactionSchema, openRevealSchema, submitCodeSchema } from '#lib/key-delivery/reveal/schema.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { enforceRateLimit } from '../enforce-rate-limit.ts';

// These actions are public: the link's token and the code are the only authorization. What follows on the page that shows
// the key requires the page token, which only that page receives.

const TEN_MINUTES = 10 * 60;
/**
 * Rate limits per client IP address, against an attacker who tries many links. Each link has its own, lower limits for
 * codes, new codes and tests of the key. An open page checks for the first request 300 times in ten minutes.
 */
const LIMITS = {
  open: { name: 'reveal-open', points: 600, seconds: TEN_MINUTES },
  interaction: { name: 'reveal-interaction', points: 600, seconds: TEN_MINUTES },
  submit: { name: 'reveal-submit', points: 200, seconds: TEN_MINUTES },
  newCode: { name: 'reveal-new-code', points: 60, seconds: TEN_MINUTES },
  keyTest: { name: 'reveal-key-test', points: 100, seconds: TEN_MINUTES },
  firstRequest: { name: 'reveal-first-request', points: 3_000, seconds: TEN_MINUTES },
} as const;

const INVALID_LINK = { ok: false, reason: 'invalid_link' } as const;

/** Returns what the page of a link shows, and records that the link was opened. Has no other effect. */
export async function openLink(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.open);
  if (!rateLimit.ok) return rateLimit;
  const parsed = openRevealSchema.safeParse(input);
  return parsed.success ? openReveal(publicDatabase(), parsed.data.token) : INVALID_LINK;
}

/** Records an interaction with the page, which shows that a person opened it, not a mail scanner. */
export async function reportInteraction(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.interaction);
  if (!rateLimit.ok) return rateLimit;
  const parsed = interactionSchema.safeParse(input);
  if (!parsed.success) return INVALID_LINK;
  await recordInteractionByLink(publicDatabase(), parsed.data);
  return { ok: true } as const;
}

/** Returns the key, once, for a valid link and code, and what its page says about the API. */
export async function showKey(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const parsed = submitCodeSchema.safeParse(input);
  if (!parsed.success) return INVALID_LINK;
  // A malformed code is not an attempt, so it consumes the limit for opening links instead of the one for codes.
  const limit = parsed.data.code === null ? LIMITS.open : LIMITS.submit;
  const rateLimit = await enforceRateLimit(limit);
  if (!rateLimit.ok) return rateLimit;
  const result = await submitCode(publicDatabase(), parsed.data, await readClientIpAddress());
  return result.ok ? { ...result, guide: await readKeyGuide(publicDatabase(), parsed.data.token) } : result;
}

/** Queues an SMS with a new code, to the phone number that the link's first code was sent to. */
export async function requestNewCodeByLink(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.newCode);
  if (!rateLimit.ok) return rateLimit;
  const parsed = openRevealSchema.safeParse(input);
  return parsed.success
    ? requestNewCode(publicDatabase(), parsed.data.token, await readClientIpAddress())
    : INVALID_LINK;
}

/** Sends a key to the verifier, for the page that shows it, and returns the verifier's response. */
export async function testKey(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.keyTest);
  if (!rateLimit.ok) return rateLimit;
  const parsed = keyTestSchema.safeParse(input);
  return parsed.success
    ? sendKeyToVerifier(publicDatabase(), parsed.data, { ipAddress: await readClientIpAddress() })
    : INVALID_LINK;
}

/** Returns when a verifier last allowed a request with a key, for the page that shows it. */
export async function checkFirstRequest(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const rateLimit = await enforceRateLimit(LIMITS.firstRequest);
  if (!rateLimit.ok) return rateLimit;
  const parsed = keyPageSchema.safeParse(input);
  return parsed.success ? readFirstRequest(publicDatabase(), parsed.data) : INVALID_LINK;
}
