'use server';
import { z } from 'zod';
import { takePasskeyStart } from '#lib/auth/passkey-start-throttle.ts';
import { readPending } from '#lib/auth/pending-sign-in.ts';
import { requireOwnWays, requireSameOrigin } from '#lib/auth/require-role.ts';
import { claimedPendingId, clientAddress } from '#lib/auth/session.ts';
import { database, databasePool } from '#lib/database.ts';
import { askForPasskey } from '#lib/factors/check-passkey.ts';

const startSchema = z.object({ step: z.enum(['alone', 'second']) });

// Public: nobody is signed in yet. Whose passkeys there are is told only to a browser that got the password right.

/** What a passkey is to sign: anybody's, or, after a password that was right, one of that person's. */
export async function startPasskeySignIn(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireOwnWays();
  if (!ways.ok) return ways;
  const second = startSchema.safeParse(input).data?.step === 'second';
  const pendingId = second ? await claimedPendingId() : null;
  const pending = pendingId ? await readPending(database(), pendingId) : null;
  if (second && !pending) return { ok: false, reason: 'over' } as const;
  const asker = pendingId ? { pendingId } : { address: await clientAddress() };
  const turn = await takePasskeyStart(databasePool(), asker);
  if (!turn.ok) return turn;
  const userId = pending?.userId ?? null;
  return { ok: true, ...(await askForPasskey(database(), { purpose: 'sign_in', userId })) } as const;
}
