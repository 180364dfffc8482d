'use server';
import { z } from 'zod';
import { readPending } from '#lib/auth/pending-sign-in.ts';
import { requireOwnWays, requireSameOrigin } from '#lib/auth/require-role.ts';
import { claimedPendingId } from '#lib/auth/session.ts';
import { database } from '#lib/database.ts';
import { askForPasskey } from '#lib/factors/check-passkey.ts';
import { takeTurn } from './take-turn.ts';

const startSchema = z.object({ step: z.enum(['alone', 'second']) });

// Public: nobody is signed in yet. Whose passkeys there are is told only to a browser that got the password right.

/** What a passkey is to sign: anybody's, or, after a password that was right, one of that person's. */
export async function startPasskeySignIn(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireOwnWays();
  if (!ways.ok) return ways;
  const turn = await takeTurn();
  if (!turn.ok) return turn;
  const second = startSchema.safeParse(input).data?.step === 'second';
  const pendingId = second ? await claimedPendingId() : null;
  const pending = pendingId ? await readPending(database(), pendingId) : null;
  if (second && !pending) return { ok: false, reason: 'over' } as const;
  const userId = pending?.userId ?? null;
  return { ok: true, ...(await askForPasskey(database(), { purpose: 'sign_in', userId })) } as const;
}
