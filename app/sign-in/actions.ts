'use server';
import { z } from 'zod';
import { askForPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { requireLocalAuth, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { claimedPendingId, clientAddress } from '#lib/identity/sessions/session.ts';
import { consumePasskeyStart } from '#lib/identity/sign-in/passkey-start-rate-limit.ts';
import { readPending } from '#lib/identity/sign-in/pending-sign-in.ts';
import { database, databasePool } from '#lib/platform/database.ts';

const startSchema = z.object({ step: z.enum(['alone', 'second']) });

// Public: nobody is signed in yet. Whose passkeys there are is told only to a browser that got the password right.

/** What a passkey is to sign: anybody's, or, after a password that was right, one of that person's. */
export async function startPasskeySignIn(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const second = startSchema.safeParse(input).data?.step === 'second';
  const pendingId = second ? await claimedPendingId() : null;
  const pending = pendingId ? await readPending(database(), pendingId) : null;
  if (second && !pending) return { ok: false, reason: 'over' } as const;
  const asker = pendingId ? { pendingId } : { address: await clientAddress() };
  const turn = await consumePasskeyStart(databasePool(), asker);
  if (!turn.ok) return turn;
  const userId = pending?.userId ?? null;
  return { ok: true, ...(await askForPasskey(database(), { purpose: 'sign_in', userId })) } as const;
}
