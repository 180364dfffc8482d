import { z } from 'zod';
import { secondStepSchema, signedSchema } from '#lib/identity/mfa/schema.ts';
import { arrival } from '#lib/identity/sessions/arrival.ts';
import { claimedPendingId, forgetPendingId, storePendingId } from '#lib/identity/sessions/session.ts';
import { database } from '#lib/platform/database.ts';
import { log } from '#lib/platform/log.ts';
import { formatSignInError, type SignInError, signInSchema } from './schema.ts';
import { completeSecondStep, type SecondStepResult } from './second-step.ts';
import { type SignedIn, signIn } from './sign-in.ts';
import { type PasskeySignedIn, signInWithPasskey } from './sign-in-with-passkey.ts';

type Outcome = SignedIn | SecondStepResult | PasskeySignedIn;

/** A browser sends its answer as JSON in one field of a form. */
const answerSchema = z.object({
  answer: z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' });
      return z.NEVER;
    }
  }),
});

function errorOf(result: Exclude<Outcome, { ok: true }>): SignInError {
  switch (result.reason) {
    case 'throttled':
      return { reason: 'throttled', seconds: result.retryAfterSeconds };
    case 'busy':
      return { reason: 'unavailable' };
    case 'second_factor':
      return { reason: 'second_factor', factors: result.factors };
    default:
      return result;
  }
}

/** The message of the error that next-auth is thrown is the `error` that the browser gets. */
async function authorized(attempt: () => Promise<Outcome>): Promise<{ id: string }> {
  const result = await attempt().catch((error: unknown): { ok: false; reason: 'failed' } => {
    log.error('sign_in', error);
    return { ok: false, reason: 'failed' };
  });
  if (result.ok) return { id: result.sessionId };
  const error: SignInError = result.reason === 'failed' ? { reason: 'unavailable' } : errorOf(result);
  throw new Error(formatSignInError(error));
}

/** The first step, by email address and password. What next-auth calls, like the two below. */
export function authorizePassword(credentials: unknown): Promise<{ id: string }> {
  return authorized(async () => {
    const parsed = signInSchema.safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'wrong' };
    const result = await signIn(database(), { ...parsed.data, ...(await arrival()) });
    if (!result.ok && result.reason === 'second_factor') await storePendingId(result.pendingId);
    return result;
  });
}

/** The second step, in the browser that got the password right. */
export function authorizeSecondStep(credentials: unknown): Promise<{ id: string }> {
  return authorized(async () => {
    const parsed = answerSchema.pipe(z.object({ answer: secondStepSchema })).safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'malformed' };
    const pendingId = await claimedPendingId();
    if (!pendingId) return { ok: false, reason: 'over' };
    const step = parsed.data.answer;
    const result = await completeSecondStep(database(), { pendingId, step, ...(await arrival()) });
    if (result.ok || result.reason === 'over') await forgetPendingId();
    return result;
  });
}

/** Both in one: a passkey that says whose it is. */
export function authorizePasskey(credentials: unknown): Promise<{ id: string }> {
  return authorized(async () => {
    const parsed = answerSchema.pipe(z.object({ answer: signedSchema })).safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'wrong_passkey' };
    return signInWithPasskey(database(), { signed: parsed.data.answer, ...(await arrival()) });
  });
}
