'use server';
import { z } from 'zod';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import { clientAddress, requireLocalAuth, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { readPendingSignIn } from '#lib/identity/sign-in/pending-sign-in.ts';
import { consumePasskeyStart } from '#lib/identity/sign-in/rate-limits.ts';
import { claimedPendingId } from '#lib/identity/sign-in/sign-in-cookies.ts';
import { database, databasePool } from '#lib/platform/database.ts';

const startSchema = z.object({ step: z.enum(['alone', 'second']) });

// Public. Only a browser that has entered the right password learns which passkeys a user has.

/** Starts a sign-in with any passkey, or, after the right password, with one of that user's. */
export async function startPasskeySignIn(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const isSecondStep = startSchema.safeParse(input).data?.step === 'second';
  const pendingId = isSecondStep ? await claimedPendingId() : null;
  const pending = pendingId ? await readPendingSignIn(database(), pendingId) : null;
  if (isSecondStep && !pending) return { ok: false, reason: 'expired' } as const;
  const client = pendingId ? { pendingId } : { address: await clientAddress() };
  const rateLimit = await consumePasskeyStart(databasePool(), client);
  if (!rateLimit.ok) return rateLimit;
  const userId = pending?.userId ?? null;
  return {
    ok: true,
    ...(await requestPasskeyAssertion(database(), { purpose: 'sign_in', userId })),
  } as const;
}
