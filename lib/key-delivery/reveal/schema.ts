import { z } from 'zod';

/** The longest token that is looked at; ours have 64 characters. */
const tokenSchema = z.string().max(200);

export const openRevealSchema = z.object({ token: tokenSchema });
/** Which opening of which link was touched. */
export const touchOpeningSchema = z.object({ token: tokenSchema, opening: z.uuid() });
/** The code as typed, spaces and all: whether it is one is for the verb to say. */
export const submitCodeSchema = z.object({
  token: tokenSchema,
  code: z.string().max(50),
  /** Where the page knows it: who submits a code has touched the page. */
  opening: z.uuid().nullish(),
});

/** Whose reveal an administrator sends again, and which of its two messages. */
export const resendSchema = z.object({ id: z.uuid(), what: z.enum(['email', 'text', 'both']) });

export type ResendRequest = z.infer<typeof resendSchema>['what'];

/** What became of one message that was to be sent again. `seconds`: until it can be. `why`: in words. */
export type ResendPartResult =
  | { sent: true }
  | { sent: false; reason: 'too_soon'; seconds: number }
  | { sent: false; reason: 'none_left' }
  | { sent: false; reason: 'refused'; why: string };

/** `ok`: at least one went out. A part is null where it was not asked for. */
export type ResendResult =
  | { ok: true; email: ResendPartResult | null; text: ResendPartResult | null }
  | { ok: false; reason: 'not_sent'; email: ResendPartResult | null; text: ResendPartResult | null }
  | { ok: false; reason: 'not_under_way' };

/** What the reveal page may know before the code: nothing of the account. Times are ISO 8601, by the database's clock. */
export type RevealView = {
  organisation: string;
  /** The last three digits of the number that the text went to. */
  phoneEnd: string;
  /** The text with the present code was not sent: the rules for texts refused it. */
  textRefused: boolean;
  codeExpiresAt: string;
  /** With the present code. */
  triesLeft: number;
  /** From when another code may be asked for. */
  newCodeAt: string;
  newCodesLeft: number;
  linkExpiresAt: string;
  now: string;
};

/** A code as people type and paste it (`123 456`, `123-456`) as six digits, or null where it is none. */
export function readCode(text: string): string | null {
  const digits = text.replace(/[\s\u2010-\u2015-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
