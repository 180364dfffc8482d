'use server';
import { z } from 'zod';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import {
  readClientIpAddress,
  requireLocalAuth,
  requireSameOrigin,
} from '#lib/identity/sessions/require-role.ts';
import { readPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { consumePasskeyStart } from '#lib/identity/sign-in/rate-limits.ts';
import { readPendingId } from '#lib/identity/sign-in/sign-in-cookies.ts';
import { publicDatabase, publicDatabasePool } from '#lib/platform/database.ts';

const startPasskeySchema = z.object({ step: z.enum(['alone', 'second']) });

// This action is public. Only a browser that has sent the correct password learns which passkeys a user has.

/** Starts a sign-in with any user's passkey or, as the second step, with one of the user who sent the correct password. */
export async function startPasskeySignIn(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const isSecondStep = startPasskeySchema.safeParse(input).data?.step === 'second';
  const pendingId = isSecondStep ? await readPendingId() : null;
  const pendingSignIn = pendingId ? await readPendingSignIn(publicDatabase(), pendingId) : null;
  if (isSecondStep && !pendingSignIn) return { ok: false, reason: 'expired' } as const;
  const client = pendingId ? { pendingId } : { ipAddress: await readClientIpAddress() };
  const rateLimit = await consumePasskeyStart(publicDatabasePool(), client);
  if (!rateLimit.ok) return rateLimit;
  const userId = pendingSignIn?.userId ?? null;
  return {
    ok: true,
    ...(await requestPasskeyAssertion(publicDatabase(), { purpose: 'sign_in', userId })),
  } as const;
}
