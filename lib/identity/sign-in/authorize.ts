import { z } from 'zod';
import { secondStepSchema, signedAssertionSchema } from '#lib/identity/mfa/schema.ts';
import { readClientInfo } from '#lib/identity/sessions/require-role.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';
import { formatSignInError, type SignInError } from './errors.ts';
import { signInSchema } from './schema.ts';
import { completeSecondStep, type SecondStepResult } from './second-step.ts';
import { type SignInResult, signIn } from './sign-in.ts';
import { deletePendingId, readPendingId, storePendingId } from './sign-in-cookies.ts';
import { type PasskeySignInResult, signInWithPasskey } from './sign-in-with-passkey.ts';

type AttemptResult = SignInResult | SecondStepResult | PasskeySignInResult;

/** Parses the form field in which the browser sends its input as JSON. */
const jsonInputSchema = z.object({
  input: z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  }),
});

function toSignInError(result: Exclude<AttemptResult, { ok: true }>): SignInError {
  switch (result.reason) {
    case 'rate_limited':
      return { reason: 'rate_limited', seconds: result.retryAfterSeconds };
    case 'busy':
      return { reason: 'unavailable' };
    case 'second_factor':
      return { reason: 'second_factor', factors: result.factors };
    default:
      return result;
  }
}

/**
 * Runs an attempt to sign in, and returns the id of the new session.
 * @throws if it fails: next-auth sends the error's message to the browser as `error`
 */
async function authorizeAttempt(attempt: () => Promise<AttemptResult>): Promise<{ id: string }> {
  const result = await attempt().catch((error: unknown): { ok: false; reason: 'failed' } => {
    logWebError('sign_in.error', error);
    return { ok: false, reason: 'failed' };
  });
  if (result.ok) return { id: result.sessionId };
  const error: SignInError = result.reason === 'failed' ? { reason: 'unavailable' } : toSignInError(result);
  throw new Error(formatSignInError(error));
}

/** Authorizes the first step for next-auth: email address and password. */
export function authorizePassword(credentials: unknown): Promise<{ id: string }> {
  return authorizeAttempt(async () => {
    const parsed = signInSchema.safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'wrong_credentials' };
    const result = await signIn(publicDatabase(), { ...parsed.data, ...(await readClientInfo()) });
    if (!result.ok && result.reason === 'second_factor') await storePendingId(result.pendingId);
    return result;
  });
}

/** Authorizes the second step for next-auth, in the browser that completed the first one. */
export function authorizeSecondStep(credentials: unknown): Promise<{ id: string }> {
  return authorizeAttempt(async () => {
    const parsed = jsonInputSchema.pipe(z.object({ input: secondStepSchema })).safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'malformed' };
    const pendingId = await readPendingId();
    if (!pendingId) return { ok: false, reason: 'expired' };
    const step = parsed.data.input;
    const result = await completeSecondStep(publicDatabase(), {
      pendingId,
      step,
      ...(await readClientInfo()),
    });
    if (result.ok || result.reason === 'expired') await deletePendingId();
    return result;
  });
}

/** Authorizes a sign-in with a passkey alone for next-auth. */
export function authorizePasskey(credentials: unknown): Promise<{ id: string }> {
  return authorizeAttempt(async () => {
    const parsed = jsonInputSchema.pipe(z.object({ input: signedAssertionSchema })).safeParse(credentials);
    if (!parsed.success) return { ok: false, reason: 'wrong_passkey' };
    return signInWithPasskey(publicDatabase(), { signed: parsed.data.input, ...(await readClientInfo()) });
  });
}
