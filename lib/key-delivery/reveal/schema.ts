import { z } from 'zod';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { findCode } from '#lib/platform/user-input/code.ts';

/** Bounds the token's length. Our tokens have 64 characters. */
const tokenSchema = z.string().max(200);

export const openRevealSchema = z.object({ token: tokenSchema });
/** Identifies the opening on whose page an interaction happened. */
export const interactionSchema = z.object({ token: tokenSchema, openingId: z.uuid() });
export const submitCodeSchema = z.object({
  token: tokenSchema,
  /** As typed or pasted. Transformed into six digits; null if it is malformed. */
  code: z.string().max(MAX_TYPED_LENGTH).transform(findCode),
  /** Set if the opening was recorded: submitting a code counts as an interaction with its page. */
  openingId: z.uuid().nullish(),
  /** 256 random bits in base64url, which the browser generates. With it, it can fetch the key again if it got no response. */
  retrySecret: z
    .string()
    .regex(/^[\w-]{43}$/)
    .nullish(),
});

/** The account's id, the reveal that the administrator has seen, and which of its two messages they resend. */
export const resendSchema = z.object({
  id: z.uuid(),
  revealId: z.uuid(),
  what: z.enum(['email', 'text', 'both']),
});

export type ResendRequest = z.infer<typeof resendSchema>['what'];

/**
 * Result of resending one message. `seconds`: until a resend is allowed. `smsBlockedReason`: as a fragment of a
 * sentence, for the administrator.
 */
export type ResendPartResult =
  | { sent: true }
  | { sent: false; reason: 'too_soon'; seconds: number }
  | { sent: false; reason: 'no_resends_left' }
  | { sent: false; reason: 'sms_blocked'; smsBlockedReason: string };

/** `ok` if at least one message was queued. A part is null if it was not requested. */
export type ResendResult =
  | { ok: true; email: ResendPartResult | null; text: ResendPartResult | null }
  | { ok: false; reason: 'not_sent'; email: ResendPartResult | null; text: ResendPartResult | null }
  | { ok: false; reason: 'not_in_progress' }
  /** A newer reveal has started since the administrator read the account. */
  | { ok: false; reason: 'replaced' };

/**
 * What the reveal page may show before the code is entered: of the account, only the end of its phone number.
 * Times are ISO 8601, by the database's clock.
 */
export type RevealView = {
  organisation: string;
  /** The last three digits of the phone number that the code was sent to. */
  phoneEnd: string;
  /** The SMS policy blocked the SMS with the current code, so it was not sent. */
  isSmsBlocked: boolean;
  codeExpiresAt: string;
  /** Number of the current code within the link, from 1. */
  codeGeneration: number;
  /** When the current code was sent, or queued if it was not sent yet. */
  codeSentAt: string;
  /** Attempts left with the current code. */
  attemptsLeft: number;
  /** The earliest time at which another code can be requested. */
  newCodeAt: string;
  newCodesLeft: number;
  /** The SMS policy blocks a new code now. `until`: when its daily limits start again; null if time changes nothing. */
  newCodeBlock: { until: string | null } | null;
  linkExpiresAt: string;
  now: string;
};
